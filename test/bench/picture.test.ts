import { describe, expect, it } from 'vitest';
import { bars, lines } from '../../bench/http/lib/picture.mjs';
import { madeOf } from '../../bench/http/lib/tables.mjs';

const chart = bars('CPU', 'a & b', [
  {
    title: 'Express',
    bars: [
      { label: 'peer <1>', value: 200 },
      { label: 'ours', value: 100, ours: true },
    ],
  },
]);
const curve = lines('Growth', 'rows', [
  {
    label: 'ours',
    ours: true,
    points: [
      [1, 10],
      [10, 20],
      [100, 40],
    ],
  },
]);

describe('a picture', () => {
  it.each([chart, curve])('has text as text, colours for dark pages, and nothing from elsewhere', (svg) => {
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).toMatch(/<text [^>]*>ours<\/text>/);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|@import|<image|<script/,
    );
  });

  it('escapes what labels contain', () => {
    expect(chart).toContain('peer &lt;1&gt;');
    expect(chart).toContain('a &amp; b');
  });

  it('draws bars in proportion', () => {
    const [peer, ours] = [...chart.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width));
    expect(ours! * 2).toBe(peer);
  });

  it('places the values of a growth series on a logarithmic axis', () => {
    const [first, middle, last] = [.../d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+L([\d.]+)/.exec(curve)!]
      .slice(1)
      .map(Number);
    expect(middle! - first!).toBeCloseTo(last! - middle!, 0);
  });
});

describe('the line over a table', () => {
  const head = {
    options: { processes: 10, rounds: 1, seconds: 0.25, only: undefined, minutes: 9 },
    versions: { node: ['20.20.2'], postgres: '15.18' },
    machine: {
      date: '2026-11-29 07:00',
      processor: 'CPU',
      cores: 2,
      memory: '24 GB',
      system: 'Linux',
      load: [1],
    },
  };

  it('says how many processes there were when fewer than asked for', () => {
    expect(madeOf(head, 4)).toContain(
      '4 processes of each server (10 were asked for), rounds 1, seconds 0.25.',
    );
    expect(madeOf(head, 10)).toMatch(/^10 processes of each server, rounds/);
  });

  it('has versions, machine and date', () => {
    expect(madeOf(head, 10)).toContain(
      '2026-11-29 07:00 UTC; CPU, 2 cores, 24 GB, Linux; Node 20.20.2, PostgreSQL 15.18',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { goals, memoryRows } from '../../bench/http/lib/goals.mjs';
import { Slices } from '../../bench/http/lib/statistics.mjs';
import { goalTable } from '../../bench/http/lib/tables.mjs';
import { slice } from './slices.js';

const SECURE = '30-fastify-secure';
const OURS = '52-ours-fastify-cookie';

function rowsOf(lines: object[]) {
  return goals(lines, 20, new Slices(lines, 20), 20_000);
}

function againstSecure(read: number, change: number, fresh: number) {
  const routes = Object.entries({ R: read, W: change, C: fresh });
  const lines = routes.flatMap(([route, ratio]) => [
    slice(SECURE, 0, 100, { route }),
    slice(OURS, 0, 100 * ratio, { route }),
  ]);
  return rowsOf(lines).find(
    ({ what, against }) => what.includes('openssl') && against === '@fastify/secure-session',
  )!;
}

describe('goals', () => {
  it('are met at exactly what they allow', () => {
    expect(againstSecure(1.15, 1.25, 1.25)).toMatchObject({ most: [1.15, 1.25, 1.25], verdict: 'met' });
  });

  it('name each route that falls short', () => {
    expect(againstSecure(1.16, 1.25, 1.3).verdict).toBe('short: read, new');
  });

  it('say of a peer that did not run that nothing was measured', () => {
    const rows = rowsOf([slice(OURS, 0, 100)]);
    expect(rows.find(({ against }) => against === '@fastify/secure-session')!.verdict).toBe('not measured');
  });

  it('name the worst cell of ours between processes', () => {
    const lines = [OURS, SECURE, 'x', 'y'].flatMap((server) =>
      [0, 1, 2].map((process) => slice(server, process, server === OURS && process === 1 ? 60 : 40)),
    );
    const row = rowsOf(lines).find(({ labels }) => labels[0] === 'spread')!;
    expect(row).toMatchObject({ measured: [1.5], verdict: 'short: spread' });
    expect(row.what).toContain('read');
  });

  it('allow no lost change', () => {
    const lost = (count: number) =>
      rowsOf([{ kind: 'lost', node: 20, server: '53-ours-fastify-pg', lost: count }]);
    const verdicts = [0, 1].map(
      (count) => lost(count).filter(({ labels }) => labels[0] === 'lost')[1]!.verdict,
    );
    expect(verdicts).toEqual(['met', 'short: lost']);
  });

  it('want exactly the bytes of the envelope in the cookie', () => {
    const token = (bytes: number) =>
      rowsOf([{ kind: 'token', node: 20, server: OURS, size: 300, bytes }]).at(-1)!.verdict;
    expect([574, 575, 576].map(token)).toEqual(['short: bytes', 'met', 'short: bytes']);
  });

  it('allow 15 MB over the bare adapter', () => {
    const memory = (server: string, rss: number) => ({ kind: 'memory', server, rss });
    const rows = memoryRows([
      memory('02-fastify-bare', 90),
      memory(OURS, 105),
      memory('53-ours-fastify-pg', 106),
    ]);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['met', 'short: memory']);
  });

  it('fill one line of a table each', () => {
    const written = goalTable([againstSecure(1.1, 1.5, 1)])
      .split('\n')
      .at(-1);
    expect(written).toBe(
      '| Fastify: ours, cookie, openssl | @fastify/secure-session | read / change / new | 1.15 / 1.25 / 1.25 | 1.10 / 1.50 / 1.00 | short: change |',
    );
  });
});

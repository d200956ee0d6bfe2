import { describe, expect, it } from 'vitest';
import { Measured } from '../../../lib/telemetry/measured.js';
import { Tally } from '../../../lib/telemetry/tally.js';

const read = (tally: Tally) => {
  const seen: unknown[] = [];
  tally.read((value, attributes) => seen.push([value, attributes]));
  return seen;
};

describe('Tally', () => {
  it('adds up numbers by attributes', () => {
    const tally = new Tally();
    for (const reason of ['tag', 'expired', 'tag']) tally.of({ reason }).add();
    tally.of({ reason: 'tag' }).add(-1);
    expect(read(tally)).toEqual([
      [1, { reason: 'tag' }],
      [1, { reason: 'expired' }],
    ]);
  });

  it('counts everything beyond its limit together', () => {
    const tally = new Tally(2);
    for (const tenant of ['one', 'two', 'three', 'four', 'two']) tally.of({ tenant }).add();
    expect(read(tally)).toEqual([
      [1, { tenant: 'one' }],
      [2, { tenant: 'two' }],
      [2, { 'otel.metric.overflow': true }],
    ]);
  });

  it('tells a value from its text', () => {
    const tally = new Tally();
    tally.of({ is: true }).add();
    tally.of({ is: 'true' }).add();
    expect(read(tally)).toHaveLength(2);
  });
});

describe('Measured', () => {
  it('makes one object for each name and outcome', () => {
    const made = new Measured((name, outcome) => ({ name, ...outcome }));
    expect(made.of('load', undefined)).toBe(made.of('load', undefined));
    expect(made.of('load', 'timeout')).toBe(made.of('load', 'timeout'));
    expect(made.of('load', 'timeout')).toEqual({ name: 'load', 'error.type': 'timeout' });
  });

  it('gives the 201st code of an error one name with all that follow', () => {
    const made = new Measured((name, outcome) => ({ name, ...outcome }));
    const names = Array.from({ length: 300 }, (_, i) => made.of('load', `E${i}`)['error.type' as never]);
    expect(new Set(names).size).toBe(201);
    expect(names.at(-1)).toBe('_OTHER');
  });
});

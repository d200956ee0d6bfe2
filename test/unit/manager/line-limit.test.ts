import { describe, expect, it } from 'vitest';
import { LineLimit } from '../../../lib/manager/line-limit.js';
import { FakeTime } from './fake-time.js';

function limited() {
  const lines: string[] = [];
  const time = new FakeTime();
  const limit = new LineLimit(time);
  const write = (kind: string, times = 1, rate: Parameters<LineLimit['write']>[2] = 'minute') => {
    for (let i = 0; i < times; i++)
      limit.write('line', kind, rate, (left, words) =>
        lines.push(left ? `${kind}: ${left} more ${words}` : kind),
      );
  };
  return { lines, time, limit, write };
}

describe('LineLimit', () => {
  it('writes five lines of a kind in a minute, and then one with the number of the others, also if no other line comes', () => {
    const { lines, time, write } = limited();
    write('a', 1209);
    write('b', 2);
    expect(lines).toEqual(['a', 'a', 'a', 'a', 'a', 'b', 'b']);
    time.pass(60_000);
    expect(lines.slice(7)).toEqual(['a: 1204 more in the last minute']);
    time.pass(600_000);
    expect(lines).toHaveLength(8);
  });

  it('writes one line of a kind in ten minutes where that is the limit, and counts the others in each', () => {
    const { lines, time, write } = limited();
    for (let minute = 0; minute < 30; minute++) {
      write('a', 10, 'tenMinutes');
      time.pass(60_000);
    }
    expect(lines).toEqual([
      'a',
      'a: 99 more in the last ten minutes',
      'a: 100 more in the last ten minutes',
      'a: 100 more in the last ten minutes',
    ]);
  });

  it('counts the line with the number among those of the next minute', () => {
    const { lines, time, write } = limited();
    write('a', 6);
    time.pass(60_000);
    write('a', 10);
    expect(lines.slice(5)).toEqual(['a: 1 more in the last minute', 'a', 'a', 'a', 'a']);
  });

  it('writes every line where there is no limit', () => {
    const { lines, write } = limited();
    write('a', 100, 'always');
    expect(lines).toHaveLength(100);
  });

  it('tells what was left out when it is closed, once', () => {
    const { lines, time, limit, write } = limited();
    write('a', 8);
    limit.close();
    time.pass(60_000);
    expect(lines.slice(5)).toEqual(['a: 3 more since then']);
  });

  it('counts only so many kinds apart, so that no memory grows', () => {
    const { lines, write } = limited();
    for (let i = 0; i < 10_000; i++) write(`kind ${i}`);
    expect(lines.length).toBeLessThanOrEqual(105);
  });

  it('forgets kinds whose time is over', () => {
    const { lines, time, write } = limited();
    for (let i = 0; i < 200; i++) write(`kind ${i}`);
    time.pass(120_000);
    lines.length = 0;
    for (let i = 0; i < 100; i++) write(`kind ${i + 1000}`, 6);
    expect(lines).toHaveLength(500); // five lines of each: all are counted apart again
  });

  it('swallows no line of another name when there are too many kinds, and lets no name take the rate of another', () => {
    const { lines, time, limit, write } = limited();
    for (let i = 0; i < 200; i++) write(`kind ${i}`);
    lines.length = 0;
    const other = (name: string, kind: string, rate: 'minute' | 'tenMinutes') =>
      limit.write(name, kind, rate, (left) => lines.push(`${name} ${left}`));
    for (let i = 0; i < 3; i++) other('outage', 'a', 'minute');
    for (let i = 0; i < 3; i++) other('missing', '', 'tenMinutes');
    expect(lines).toEqual(['outage 0', 'outage 0', 'outage 0', 'missing 0']);
    time.pass(600_000);
    expect(lines.slice(4).filter((line) => !line.startsWith('kind'))).toEqual(['missing 2']);
  });

  it('says of a count whether it is of several kinds', () => {
    const { time, limit } = limited();
    const counts: unknown[] = [];
    for (let i = 0; i < 150; i++)
      for (let n = 0; n < 6; n++)
        limit.write(
          'line',
          `${i}`,
          'minute',
          (left, _words, isMixed) => left && counts.push([left, isMixed]),
        );
    for (let n = 0; n < 6; n++)
      limit.write('other', '', 'minute', (left, _words, isMixed) => left && counts.push([left, isMixed]));
    time.pass(60_000);
    expect(counts).toEqual([...Array.from({ length: 100 }, () => [1, false]), [295, true], [1, false]]);
  });
});

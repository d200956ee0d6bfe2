import { describe, expect, it } from 'vitest';
import { LineLimit } from '../../../lib/manager/line-limit.js';

function limited() {
  const lines: string[] = [];
  const clock = { now: 1_000_000 };
  const limit = new LineLimit(() => clock.now);
  const write = (kind: string, times = 1) => {
    for (let i = 0; i < times; i++) limit.write(kind, kind, (line) => lines.push(line));
  };
  return { lines, clock, write };
}

describe('LineLimit', () => {
  it('writes five lines of a kind in a minute, and says that more are left out', () => {
    const { lines, write } = limited();
    write('a', 1000);
    write('b', 2);
    expect(lines.filter((line) => line.startsWith('a'))).toEqual([
      'a',
      'a',
      'a',
      'a',
      'a (more lines like this are left out for a minute)',
    ]);
    expect(lines.filter((line) => line.startsWith('b'))).toEqual(['b', 'b']);
  });

  it('says in the next minute how many it has left out', () => {
    const { lines, clock, write } = limited();
    write('a', 1000);
    clock.now += 60_000;
    write('a', 2);
    expect(lines.slice(5)).toEqual(['a (995 lines like this were left out)', 'a']);
  });

  it('is not stopped by a clock that is set back', () => {
    const { lines, clock, write } = limited();
    write('a', 10);
    clock.now -= 3_600_000;
    write('a');
    expect(lines.slice(5)).toEqual(['a (5 lines like this were left out)']);
  });

  it('counts only so many kinds apart, so that no memory grows', () => {
    const { lines, write } = limited();
    for (let i = 0; i < 10_000; i++) write(`kind ${i}`);
    expect(lines.length).toBeLessThanOrEqual(105);
  });
});

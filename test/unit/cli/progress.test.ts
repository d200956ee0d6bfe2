import { describe, expect, it } from 'vitest';
import { progress } from '../../../lib/cli/progress.js';
import { capture } from './support/site.js';

/** Shows 1000 steps of 10 ms each. */
function show(terminal: { interactive: boolean; columns?: number }, steps = 1000) {
  let time = 0;
  const { said, output } = capture({ ...terminal, now: () => time });
  const shown = progress(output, 'sessions', 1000);
  for (let done = 1; done <= steps; done++, time += 10) shown.at(done, `mark ${done}\u001b[2J`);
  shown.end();
  return said;
}

describe('progress', () => {
  it('draws one line on a terminal, ten times a second, and writes nothing to the output', () => {
    const { out, err } = show({ interactive: true });
    const pictures = err.split('\r').slice(1);
    expect([out, pictures.length]).toEqual(['', 101]);
    expect(pictures[0]!.trimEnd()).toBe('[..............................] 1 of 1000 sessions, mark 1?[2J');
    expect(pictures.at(-1)).toBe('[##############################] 1000 of 1000 sessions, mark 1000?[2J\n');
  });

  it('never fills a narrow terminal, where a line would not replace itself', () => {
    const lines = show({ interactive: true, columns: 40 }).err.trimEnd().split('\r');
    expect(Math.max(...lines.map((line) => line.length))).toBe(39);
  });

  it('writes a line every ten seconds where there is no terminal', () => {
    const lines = show({ interactive: false }, 2500).err.trimEnd().split('\n');
    expect(lines.map((line) => /\] (\d+ of \d+)/.exec(line)![1])).toEqual([
      '1001 of 1001',
      '2001 of 2001',
      '2500 of 2500',
    ]);
  });

  it('draws no bar where nobody knows how much there is', () => {
    const { said, output } = capture({ interactive: true });
    const shown = progress(output, 'sessions removed', undefined);
    shown.at(7);
    shown.end();
    expect(said.err).toBe('\r7 sessions removed\r7 sessions removed\n');
  });

  it('says nothing of short work where there is no terminal', () => {
    expect(show({ interactive: false }, 900).err).toBe('');
  });
});

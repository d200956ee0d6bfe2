import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { followPipes } from '../../../lib/cli/closed-pipes.js';

const fault = (code: string) => Object.assign(new Error(code), { code });

function follow() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const ends: number[] = [];
  const pipes = { stdout, stderr } as unknown as Record<'stdout' | 'stderr', NodeJS.WriteStream>;
  const signal = followPipes(pipes.stdout, pipes.stderr, (status) => void ends.push(status));
  return { stdout, stderr, ends, signal };
}

describe('a pipe that nobody reads', () => {
  it('ends no command if it is that of the messages', () => {
    const { stderr, ends, signal } = follow();
    stderr.emit('error', fault('EPIPE'));
    expect([ends, signal.aborted]).toEqual([[], false]);
  });

  it('interrupts a command if it is that of the results', () => {
    const { stdout, ends, signal } = follow();
    stdout.emit('error', fault('EPIPE'));
    expect([ends, signal.aborted]).toEqual([[], true]);
  });

  it('ends the process with 74 if the results cannot be written', () => {
    const { stdout, ends } = follow();
    stdout.emit('error', fault('ENOSPC'));
    expect(ends).toEqual([74]);
  });
});

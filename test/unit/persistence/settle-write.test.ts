import { describe, expect, it, vi } from 'vitest';
import { SessionStoreError } from '../../../lib/errors/session-store.error.js';
import { settleWrite } from '../../../lib/persistence/settle-write.js';

const lost = () => Promise.reject(new SessionStoreError('move', 'ECONNRESET'));
const refused = (reason: string) => () => Promise.reject(new SessionStoreError('move', reason));

/** Answers with each of its steps in order, and counts the calls. */
function script<R>(...steps: (() => Promise<R>)[]) {
  const run = () => steps[run.calls++]!();
  run.calls = 0;
  return run;
}

describe('settleWrite', () => {
  it('writes once and does not look when the answer comes', async () => {
    const write = script(async () => 'saved');
    const lookUp = script<string | undefined>();
    expect(await settleWrite(1000, write, lookUp)).toBe('saved');
    expect([write.calls, lookUp.calls]).toEqual([1, 0]);
  });

  it.each(['25006', '53100', 'ECONNREFUSED', 'ENOSPC', 'duplicate', 'DOWN'])(
    'fails at once where the write was not done (%s)',
    async (reason) => {
      const lookUp = script<string | undefined>();
      await expect(settleWrite(1000, refused(reason), lookUp)).rejects.toMatchObject({ reason });
      expect(lookUp.calls).toBe(0);
    },
  );

  it.each(['ECONNRESET', '57P01', '08006', '08P01'])(
    'looks where the write may have been done (%s)',
    async (reason) => {
      const lookUp = script<string | undefined>(async () => 'saved');
      expect(await settleWrite(1000, refused(reason) as () => Promise<string>, lookUp)).toBe('saved');
    },
  );

  it('takes a refusal of its second write as done, when the first was done only after the look', async () => {
    const write = script(lost, async () => 'conflict');
    const lookUp = script<string | undefined>(
      async () => undefined,
      async () => 'saved',
    );
    expect(await settleWrite(1000, write, lookUp)).toBe('saved');
  });

  it('writes nothing any more after half of the time', async () => {
    let time = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => time);
    const write = script(() => {
      time = 500;
      return lost() as Promise<string>;
    });
    const lookUp = script<string | undefined>(async () => undefined);
    await expect(settleWrite(1000, write, lookUp)).rejects.toMatchObject({ reason: 'ECONNRESET' });
    clock.mockRestore();
    expect([write.calls, lookUp.calls]).toEqual([1, 1]);
  });

  it('waits for a database that starts again', async () => {
    const starting = refused('57P03') as () => Promise<undefined>;
    const lookUp = script<string | undefined>(
      starting,
      refused('ECONNREFUSED') as () => Promise<undefined>,
      async () => 'saved',
    );
    expect(await settleWrite(5000, lost, lookUp)).toBe('saved');
  });
});

import { describe, expect, it } from 'vitest';
import { TouchedRows, type TouchedRowsParts } from '../../../lib/persistence/touched-rows.js';
import type { SessionLookup, StoredSession } from '../../../lib/persistence/session-repository.interface.js';

const stored = (version: number, lastSeenAt: number) =>
  ({
    key: Buffer.alloc(32, 1),
    version,
    record: { lastSeenAt, idleTimeout: 60 },
  }) as unknown as StoredSession;

/** Rows whose every write comes second, and that are read as `found`, one after the other. */
function contended(...found: readonly (StoredSession | undefined)[]): TouchedRows {
  const left = [...found];
  const reload = async (): Promise<SessionLookup> => {
    const entry = left.shift();
    return (entry ? { kind: 'live', entry, now: 100 } : { kind: 'ended' }) as SessionLookup;
  };
  return new TouchedRows({ store: {}, reload, save: async () => undefined } as unknown as TouchedRowsParts);
}

describe('TouchedRows, where other requests write first twice', () => {
  const seen = stored(1, 100);

  it('gives the session as it is stored then', async () => {
    const last = stored(3, 50);
    expect(await contended(stored(2, 50), last).touch(stored(1, 50), seen.record)).toBe(last);
  });

  it('gives nothing if the second of them has ended it', async () => {
    expect(await contended(stored(2, 50), undefined).touch(stored(1, 50), seen.record)).toBeUndefined();
  });
});

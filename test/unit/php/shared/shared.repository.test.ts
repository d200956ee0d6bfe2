import { describe, expect, it } from 'vitest';
import { identityOf } from '../../../../lib/php/shared/shared-entry.js';
import type { SharedFile, SharedPlace } from '../../../../lib/php/shared/shared-place.interface.js';
import type { SharedRepositoryParts } from '../../../../lib/php/shared/shared-session-files.js';
import { SharedRepository } from '../../../../lib/php/shared/shared.repository.js';
import { emptyRecord } from '../../../../lib/record/session-record.js';

const NOW = 1_800_000_000;
const record = emptyRecord(NOW, 0, 0);
const bytes = Buffer.from('sealed');

/** A repository over a place that notes until when it may do each write. */
function setUp() {
  const writes: [string, number | undefined][] = [];
  const note = (name: string) => async (latest?: number) => void writes.push([name, latest]);
  const file: SharedFile = {
    read: async () => ({ bytes, usedAt: NOW * 1000 }),
    write: async (_bytes, _before, latest) => note('write')(latest),
    touch: async () => undefined,
    empty: note('empty'),
  };
  const place = {
    use: (_id, _kind, _until, work) => work(file),
    create: (_id, work) => work(file),
    remove: async (_id, latest) => note('remove')(latest).then(() => true),
  } as SharedPlace;
  const sharedCodec = {
    asReadAgain: (changed: unknown) => changed,
    seal: async () => Buffer.from('sealed anew'),
    open: async () => ({ record, stale: false }),
  };
  const repository = new SharedRepository({
    sharedCodec,
    folder: () => place,
    now: () => NOW,
    timeouts: { idleTimeout: 0, absoluteTimeout: 0 },
    watch: (_operation: string, ask: (timeout: number) => unknown) => ask(1000),
  } as unknown as SharedRepositoryParts);
  return { repository, writes };
}

describe('SharedRepository', () => {
  it('passes on when whoever waits gives up, to everything that it writes', async () => {
    const { repository, writes } = setUp();
    const created = await repository.create(identityOf('a'), record, 1);
    await repository.updateLocked(created, (found) => found, 2);
    const found = await repository.reload(created);
    await repository.move((found as { entry: typeof created }).entry, identityOf('b'), record, 'asked', 3);
    await repository.end(identityOf('a'), undefined, 4);
    expect(writes).toEqual([
      ['write', 1],
      ['write', 2],
      ['write', 3],
      ['empty', 3],
      ['remove', undefined],
      ['empty', 4],
      ['remove', undefined],
    ]);
  });

  it.each([
    ['a'.repeat(21), true],
    ['user42', true],
    ['%2C', true],
    ['a'.repeat(251), true],
    ['a'.repeat(256), true],
    ['a'.repeat(257), false],
    ['', false],
    ['user_42', false],
    ['user42\n', false],
  ])('finds nothing under %j, and leaves the cookie alone if PHP accepts the id', async (text, ours) => {
    const { repository } = setUp();
    expect(await repository.open(text)).toEqual({ kind: 'none', reason: 'encoding', ours });
  });
});

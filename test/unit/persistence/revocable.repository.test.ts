import { describe, expect, it } from 'vitest';
import { MarkCache } from '../../../lib/persistence/marks/mark-cache.js';
import { MarkRows } from '../../../lib/persistence/marks/mark-rows.js';
import { Revocations } from '../../../lib/persistence/marks/revocations.js';
import { RevocableRepository } from '../../../lib/persistence/revocable.repository.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { emptyRecord } from '../../../lib/record/session-record.js';
import { MemoryStore } from '../../../lib/stores/memory.store.js';

const NOW = 1_800_000_000;

function setUp() {
  const time = { seconds: NOW };
  const now = () => time.seconds;
  const timeouts = {
    idleTimeout: 1440,
    absoluteTimeout: 28_800,
    regenerateInterval: 0,
    graceTime: 60,
    touchInterval: 60,
  };
  const cache = new MarkCache(new MarkRows(new MemoryStore({ now: () => new Date(1000 * now()) })));
  const codec = { shortest: 1, open: () => 'length' as const, seal: () => 'sealed' };
  const generations = false;
  const revocations = new Revocations({ cache, generations, longestLife: 28_800, graceTime: 60, now });
  const shared = { cookie: 'sid', codec, timeouts, now, session: 'default' };
  const events = new SessionEvents();
  const repository = new RevocableRepository({
    ...shared,
    revocations,
    generations,
    endReused: false,
    events,
  });
  return { time, repository };
}

describe('RevocableRepository', () => {
  /** Takes over a foreign session whose user logged in at `authenticatedAt`; 0 where its format does not tell. */
  const takeOver = async (repository: RevocableRepository, authenticatedAt: number): Promise<string> => {
    const record = { ...emptyRecord(repository.now(), 1440, 28_800), subject: 'bob', authenticatedAt };
    return (await repository.migrate(Buffer.alloc(32), () => record, NOW + 10_000)).kind;
  };

  it.each(['subject', 'all'])('takes over no foreign session from before the end: %s', async (whose) => {
    const { time, repository } = setUp();
    expect(await takeOver(repository, NOW - 100)).toBe('live');
    expect(await takeOver(repository, 0)).toBe('live');
    await (whose === 'all' ? repository.endAll() : repository.endSubject('bob', undefined));
    time.seconds += 200;
    expect(await takeOver(repository, NOW - 100)).toBe('none');
    expect(await takeOver(repository, NOW)).toBe('none');
    expect(await takeOver(repository, NOW + 1)).toBe('live');
    expect(await takeOver(repository, 0)).toBe('none');
  });

  it('seals a foreign session that it takes over so that a later end finds it', async () => {
    const { repository } = setUp();
    const record = { ...emptyRecord(NOW, 1440, 28_800), subject: 'bob' };
    const found = await repository.migrate(Buffer.alloc(32), () => record, NOW + 10_000);
    if (found.kind !== 'live') throw new Error(found.kind);
    const { record: sealed } = (await repository.touch(found.entry, found.entry.record))!;
    await repository.endSubject('bob', undefined);
    expect((await repository.reload({ ...found.entry, record: sealed })).kind).toBe('ended');
  });
});

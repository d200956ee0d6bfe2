import { describe, expect, it } from 'vitest';
import { SessionStateError } from '../../../lib/errors/session-state.error.js';
import { ChangeSet } from '../../../lib/record/change-set.js';
import type {
  StoredSession,
  SessionRepository,
} from '../../../lib/persistence/session-repository.interface.js';
import { SaveQueue, type Save } from '../../../lib/persistence/save-queue.js';
import { SessionProbes } from '../../../lib/persistence/session-probes.js';
import { emptyRecord, type SessionRecord } from '../../../lib/record/session-record.js';
import { RecordingProbe } from '../../support/recording-probe.js';

const record = emptyRecord(1_800_000_000, 0, 0);
const base: StoredSession = { key: record.id, version: 1, record, stale: false, cookieOutdated: false };

const setting = (key: string) => {
  const changes = new ChangeSet();
  changes.add({ apply: ({ data }) => void (data[key] = 1) });
  return changes;
};

const saving = (key: string, parts: Partial<Save> = {}): Save => ({
  base,
  changes: setting(key),
  onCollision: () => undefined,
  seen: true,
  until: performance.now() + 5000,
  ...parts,
});

/** A form in which two keys that differ in case are one, so that it refuses both together. */
const repository = {
  async replace(entry: StoredSession, next: SessionRecord) {
    const names = Object.keys(next.data).map((key) => key.toLowerCase());
    if (new Set(names).size < names.length) throw new SessionStateError('ERR_SESSION_VALUE', 'two in one');
    return { ...entry, version: entry.version + 1, record: next };
  },
} as unknown as SessionRepository;

/** A queue, and what it saves: the keys that are in the session then, and until when it may be done. */
function noting() {
  const saves: { readonly keys: string[]; readonly until: number | undefined }[] = [];
  const replace = async (entry: StoredSession, next: SessionRecord, until?: number) => {
    saves.push({ keys: Object.keys(next.data), until });
    return { ...entry, version: entry.version + 1, record: next };
  };
  const queue = new SaveQueue({ replace } as unknown as SessionRepository, (next) => next);
  return { queue, saves };
}

describe('SaveQueue', () => {
  it("makes no change in a session that was the subject's and is another's by now", async () => {
    const of = (subject?: string): StoredSession => ({ ...base, record: { ...record, subject } });
    const now: SessionRecord[] = [];
    const shared = {
      async updateLocked(entry: StoredSession, change: (held: SessionRecord) => SessionRecord | undefined) {
        const changed = change(of('bob').record);
        if (changed) now.push(changed);
        return changed && { ...entry, record: changed };
      },
    } as unknown as SessionRepository;
    const queue = new SaveQueue(shared, (next) => next);
    const saved = ['bob', 'ada', undefined].map((subject) =>
      queue.save(saving(subject ?? 'nobody', { base: of(subject) })),
    );
    expect((await Promise.all(saved)).map((entry) => entry !== undefined)).toEqual([true, false, true]);
    expect(Object.keys(now.at(-1)!.data)).toEqual(['nobody']);
  });

  it('tells a probe who waits for a save, and who is joined with another', async () => {
    const probes = new SessionProbes('default');
    const probe = new RecordingProbe();
    probes.add(probe);
    const queue = new SaveQueue(repository, (next) => next, undefined, probes);
    const all = ['one', 'two', 'three', 'four'].map((key) => queue.save(saving(key)));
    const waits = () => probe.steps.map(({ step, ended }) => [step, ended]);
    expect(waits()).toEqual(Array.from({ length: 3 }, () => ['wait save', false]));
    await Promise.all(all);
    expect(waits()).toEqual(Array.from({ length: 3 }, () => ['wait save', true]));
    expect([probe.joins, probe.merges]).toEqual([2, 0]);
  });

  it('fails only whom a clash of joined changes is to blame on', async () => {
    const queue = new SaveQueue(repository, (next) => next);
    const all = ['first', 'key', 'KEY', 'last'].map((key) => queue.save(saving(key)));
    const results = await Promise.allSettled(all);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const last = results[3] as PromiseFulfilledResult<StoredSession>;
    expect(Object.keys(last.value.record.data)).toEqual(['first', 'key', 'last']);
  });

  it('saves at the last moment of those whom it joins, and joins nobody who waits for much longer', async () => {
    const { queue, saves } = noting();
    const until = performance.now() + 1000;
    const all = [0, 400, 900, 4000].map((more) => queue.save(saving(`${more}`, { until: until + more })));
    await Promise.all(all);
    expect(saves).toEqual([
      { keys: ['0'], until },
      { keys: ['0', '400', '900'], until: until + 900 },
      { keys: ['0', '400', '900', '4000'], until: until + 4000 },
    ]);
  });

  it('saves nothing much later than the first of those whom it joins gives up, whoever came first', async () => {
    const { queue, saves } = noting();
    const until = performance.now() + 1000;
    const all = [0, 4000, 200].map((more) => queue.save(saving(`${more}`, { until: until + more })));
    await Promise.all(all);
    expect(saves).toEqual([
      { keys: ['0'], until },
      { keys: ['0', '200'], until: until + 200 },
      { keys: ['0', '200', '4000'], until: until + 4000 },
    ]);
  });

  it('joins all who wait for a slow store, as long as it leaves half of his time to each', async () => {
    const { queue, saves } = noting();
    const until = performance.now() + 60_000;
    const all = [0, 1000, 10_000, 40_000].map((more) =>
      queue.save(saving(`${more}`, { until: until + more })),
    );
    await Promise.all(all);
    expect(saves.map(({ keys, ...save }) => ({ ...save, count: keys.length }))).toEqual([
      { count: 1, until },
      { count: 4, until: until + 1500 },
    ]);
  });

  it('saves nothing for whom nobody waits any more when its turn comes', async () => {
    const { queue, saves } = noting();
    const first = queue.save(saving('first'));
    const late = queue.save(saving('late', { until: performance.now() - 1 }));
    const last = queue.save(saving('last'));
    await expect(late).rejects.toMatchObject({ reason: 'timeout' });
    await Promise.all([first, last]);
    expect(saves.map(({ keys }) => keys)).toEqual([['first'], ['first', 'last']]);
  });

  it('tells a probe that a wait has ended of which whoever waits has given up', async () => {
    const probes = new SessionProbes('default');
    const probe = new RecordingProbe();
    probes.add(probe);
    const queue = new SaveQueue(repository, (next) => next, undefined, probes);
    const first = queue.save(saving('first'));
    const late = queue.save(saving('late', { until: performance.now() - 1 }));
    await expect(late).rejects.toMatchObject({ reason: 'timeout' });
    await first;
    expect(probe.steps.map(({ step, ended }) => [step, ended])).toEqual([['wait save', true]]);
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../lib/stores/memory.store.js';
import { MarkCache } from '../../../../lib/persistence/marks/mark-cache.js';
import { markKey, MarkRows } from '../../../../lib/persistence/marks/mark-rows.js';
import { longestLife, Revocations } from '../../../../lib/persistence/marks/revocations.js';
import { NEVER } from '../../../../lib/record/session-lifetime.js';
import { emptyRecord } from '../../../../lib/record/session-record.js';

const TIMEOUTS = {
  idleTimeout: 1440,
  absoluteTimeout: 28_800,
  regenerateInterval: 900,
  graceTime: 60,
  touchInterval: 60,
};

/** A store whose clock the test moves, and a process that uses it. */
function setUp(timeouts = TIMEOUTS) {
  const time = { seconds: 1_800_000_000 };
  const store = new MemoryStore({ now: () => new Date(1000 * time.seconds) });
  const make = (its = timeouts) =>
    new Revocations({
      cache: new MarkCache(new MarkRows(store)),
      generations: false,
      longestLife: longestLife([its]),
      graceTime: 60,
      now: () => time.seconds,
    });
  return { time, store, make };
}

const sessionAt = (seconds: number) => emptyRecord(seconds, 1440, 28_800);

describe('Revocations', () => {
  it('keep a mark until no session from before can live, and let prune remove it then', async () => {
    const { time, store, make } = setUp();
    await make().end(randomBytes(16));
    time.seconds += 28_800 + 299;
    expect(await store.prune()).toBe(0);
    time.seconds += 1;
    expect(await store.prune()).toBe(1);
  });

  describe('of two applications that share a source, and whose sessions live for a month and for a day', () => {
    const MONTH = { ...TIMEOUTS, idleTimeout: 0, absoluteTimeout: 30 * 86_400 };
    const DAY = { ...TIMEOUTS, idleTimeout: 0, absoluteTimeout: 86_400 };

    it.each<[string, (long: Revocations, short: Revocations, id: Buffer) => Promise<void>]>([
      [
        'all, and the other one revokes somebody',
        (long, short) => long.endAll().then(() => short.endSubject('eve')),
      ],
      [
        'a subject, and the other one the same',
        (long, short) => long.endSubject('ada').then(() => short.endSubject('ada')),
      ],
      ['a subject, by the other one', (_, short) => short.endSubject('ada')],
      ['all, by the other one', (_, short) => short.endAll()],
      ['an id of a subject, by the other one', (_, short, id) => short.endOf(id, 'ada')],
      ['an id, by the other one', async (_, short, id) => void (await short.end(id))],
    ])('keep what has ended %s', async (_how, end) => {
      const { time, store, make } = setUp();
      const [long, short] = [make(MONTH), make(DAY)];
      await short.epochOf(undefined);
      const epoch = await long.epochOf('ada');
      const record = { ...sessionAt(time.seconds), subject: 'ada', epoch };
      time.seconds += 60;
      await end(long, short, record.id);
      time.seconds += 29 * 86_400;
      await store.prune();
      expect((await make(MONTH).judge(record)).kind).toBe('ended');
    });
  });

  it('end a subject again after his mark has expired and before it is pruned, and all of his sessions', async () => {
    const { time, make } = setUp();
    const one = make();
    await one.endSubject('ada');
    const epoch = await one.epochOf('ada');
    time.seconds += 28_800 + 300;
    const later = { ...sessionAt(time.seconds), subject: 'ada', epoch };
    const other = make();
    expect((await other.judge(later)).kind).toBe('live');
    await other.endSubject('ada');
    expect((await other.judge(later)).kind).toBe('ended');
  });

  it('give each epoch a higher number, though two come in one second', async () => {
    const { make } = setUp();
    const one = make();
    await one.endSubject('ada');
    const first = await one.epochOf('ada');
    await one.endSubject('ada');
    expect(await one.epochOf('ada')).toBe(first + 1);
  });

  describe('end every session from before, in one second and by clocks that differ', () => {
    const ofAda = async (one: Revocations, seconds: number) => ({
      ...sessionAt(seconds),
      subject: 'ada',
      epoch: await one.epochOf('ada'),
    });

    it.each<[string, (one: Revocations) => Promise<void>, (one: Revocations) => Promise<void>]>([
      ['all, then a subject', (one) => one.endAll(), (one) => one.endSubject('ada')],
      ['a subject, then all', (one) => one.endSubject('ada'), (one) => one.endAll()],
      ['all twice', (one) => one.endAll(), (one) => one.endAll()],
    ])('%s', async (_, first, second) => {
      const { time, make } = setUp();
      for (const behind of [0, 5]) {
        await first(make());
        time.seconds -= behind;
        const record = await ofAda(make(), time.seconds);
        expect((await make().judge(record)).kind).toBe('live');
        await second(make());
        const later = make();
        time.seconds += 3600;
        expect((await later.judge(record)).kind).toBe('ended');
        expect((await later.judge(await ofAda(later, time.seconds))).kind).toBe('live');
      }
    });

    it('and no epoch runs ahead of the clock because many subjects are revoked', async () => {
      const { time, make } = setUp();
      for (let i = 0; i < 20; i++) await make().endSubject(`user ${i}`);
      expect(await make().epochOf('user 19')).toBe(time.seconds);
    });
  });

  it('judge a session past what they remember, before its cookie is sent', async () => {
    const { time, make } = setUp();
    const [here, there] = [make(), make()];
    const record = sessionAt(time.seconds);
    await there.judge(record);
    await here.end(record.id);
    expect([(await there.judge(record)).kind, (await there.judgeNow(record)).kind]).toEqual([
      'live',
      'ended',
    ]);
  });

  it('wait for no prune when an expired mark is in the way', async () => {
    const { time, store, make } = setUp();
    const id = randomBytes(16);
    await make().end(id);
    time.seconds += 28_800 + 300;
    const { prune } = store;
    store.prune = () => prune.call(store).then(() => new Promise<number>(() => undefined));
    expect(await make().end(id)).toBe(true);
  });

  it('end a session whose mark somebody has emptied', async () => {
    const { time, store, make } = setUp();
    const record = sessionAt(time.seconds);
    await make().end(record.id);
    await store.destroy(markKey('id', record.id), new Date(1000 * (time.seconds + 60)));
    expect((await make().judge(record)).kind).toBe('ended');
  });

  it('hash ids and subjects', async () => {
    const { store, make } = setUp();
    const [one, id] = [make(), Buffer.from('an id, 16 bytes!')];
    await one.end(id, { login: 'ada lovelace' });
    await one.endOf(id, 'ada lovelace');
    await one.endSubject('ada lovelace');
    const rows = await store.scan(undefined, 10);
    expect(rows).toHaveLength(4);
    const text = rows.map(
      ({ key, sealed, subject }) => `${key.toString('latin1')}${sealed.toString('latin1')}${subject}`,
    );
    expect(text.join('')).not.toMatch(/ada|lovelace|an id/);
  });

  it.each([
    [[TIMEOUTS], 28_800],
    [[{ ...TIMEOUTS, absoluteTimeout: 0 }], 1440],
    [[TIMEOUTS, { ...TIMEOUTS, absoluteTimeout: 60_000 }], 60_000],
    [[TIMEOUTS, { ...TIMEOUTS, absoluteTimeout: 0, idleTimeout: 0 }], NEVER],
  ])('know how long a session of these timeouts can live: %j', (timeouts, seconds) => {
    expect(longestLife(timeouts)).toBe(seconds);
  });
});

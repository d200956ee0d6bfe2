import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRow, Tombstone } from 'nestjs-session-crypto';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { SubjectLimit } from '../../lib/persistence/subject-limit.js';
import { freshRow, movedTo } from '../../lib/testing/store-contract/rows.js';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';

type Sender = { sendCommand(args: (string | Buffer)[], options?: object): Promise<unknown> };
type Step = 'create' | 'bury' | 'reveal' | 'discard' | 'replace' | 'destroy';

let server: RunningRedis;
let connected: Connected;
let redis: Sender;

beforeAll(async () => {
  server = await runRedis();
  connected = await SINGLE['redis 6']!(server.port);
  redis = connected.client as Sender;
});
afterAll(async () => {
  connected.close();
  await server.stop();
});

/** Opens a store whose client does `act` around the command of a script, known by a part of its text. */
async function open(
  act?: (script: string, send: () => Promise<unknown>) => Promise<unknown>,
): Promise<RedisStore> {
  const client = Object.create(redis, {
    sendCommand: {
      value: async (args: (string | Buffer)[], options: object) => {
        if (act && args[0] === 'EVALSHA') args = ['EVAL', textOf(String(args[1])), ...args.slice(2)];
        const send = () => redis.sendCommand(args, options);
        return act && args[0] === 'EVAL' ? act(String(args[1]), send) : send();
      },
    },
  }) as object;
  const store = redisStore({ client });
  await store.open(() => undefined);
  return store;
}

const { SCRIPTS } = await import('../../lib/stores/redis/scripts.js');
const textOf = (sha: string) => Object.values(SCRIPTS).find((one) => one.sha === sha)!.text;
const isStep = (script: string, step: Step) => script === SCRIPTS[step].text;

/** A store whose `step` fails: before the server has it, or after. */
const failing = (step: Step, when: 'before' | 'after', once = false) => {
  let failed = false;
  return open(async (script, send) => {
    if (!isStep(script, step) || (once && failed)) return send();
    failed = true;
    if (when === 'after') await send();
    throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
  });
};

const rowOf = (store: RedisStore, part: Partial<SessionRow> = {}) =>
  freshRow(store, { subject: `u${Math.random()}`, ...part });

async function created(store: RedisStore, part: Partial<SessionRow> = {}): Promise<SessionRow> {
  const row = rowOf(store, part);
  await store.create(row);
  return row;
}

const keysOf = async (store: RedisStore, subject: string) =>
  (await store.list(subject)).map(({ key }) => key.toString('hex'));

const nameInRedis = ({ key }: SessionRow) => `session_crypto:${key.toString('base64url')}`;

const endOf = (row: SessionRow) => redis.sendCommand(['PEXPIRETIME', nameInRedis(row)]);

/** A move whose parts the tests look at. */
async function planned(
  store: RedisStore,
): Promise<{ old: SessionRow; next: SessionRow; tombstone: Tombstone }> {
  const old = await created(store);
  return { old, next: rowOf(store, { subject: old.subject }), tombstone: movedTo(store, 'next') };
}

describe('a move in Redis', () => {
  it('that comes between the two looks of a list hides no session from it', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    let isMoved = false;
    const listing = await open(async (script, send) => {
      if (script === SCRIPTS.describe.text && !isMoved) {
        isMoved = true;
        await store.move(old.key, 1, next, tombstone);
      }
      return send();
    });
    expect(await keysOf(listing, old.subject!)).toEqual([next.key.toString('hex')]);
  });

  it('that fails before its second step leaves the old session, and no new one', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const broken = await failing('bury', 'before');
    await expect(broken.move(old.key, 1, next, tombstone)).rejects.toMatchObject({ reason: 'ECONNRESET' });
    expect((await store.load(old.key))?.state).toBe('live');
    expect(await store.load(next.key)).toBeUndefined();
    expect(await keysOf(store, old.subject!)).toEqual([old.key.toString('hex')]);
  });

  it('whose second answer is lost is done: the new session loads, and is listed', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const broken = await failing('bury', 'after');
    await expect(broken.move(old.key, 1, next, tombstone)).rejects.toMatchObject({ reason: 'ECONNRESET' });
    expect(await keysOf(store, old.subject!)).toEqual([next.key.toString('hex')]);
    expect((await store.load(next.key))?.state).toBe('live');
  });

  it('whose last step fails is done all the same', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const broken = await failing('reveal', 'before');
    expect(await broken.move(old.key, 1, next, tombstone)).toBe('saved');
    await store.destroy(old.key, new Date(0)); // not live any more
    expect((await store.load(next.key))?.version).toBe(1);
    expect(await store.replace(next, 1)).toBe('saved');
  });

  it('that has failed for good leaves nothing that loads or that a list shows, also when the old session is gone', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const broken = await failing('bury', 'before');
    await broken.move(old.key, 1, next, tombstone).catch(() => undefined);
    const before = await store.count();
    await redis.sendCommand(['DEL', nameInRedis(old)]);
    expect(await store.load(next.key)).toBeUndefined();
    expect(await keysOf(store, old.subject!)).toEqual([]);
    expect(await store.count()).toBe(before - 1);
    for await (const found of store.scanAll()) expect(found.key).not.toEqual(next.key);
  });

  it('whose last step fails leaves a tombstone that lives as long as the new session', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const broken = await failing('reveal', 'before');
    await broken.move(old.key, 1, next, tombstone);
    expect(tombstone.deadline < next.deadline).toBe(true);
    expect(await endOf(old)).toBe(next.deadline.getTime());
    expect(await keysOf(store, old.subject!)).toEqual([next.key.toString('hex')]);
    expect(await endOf(old)).toBe(tombstone.deadline.getTime()); // the list has shown the new session
  });

  it('leaves a tombstone that lives as long as it should by itself', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    expect(await store.move(old.key, 1, next, tombstone)).toBe('saved');
    expect(await endOf(old)).toBe(tombstone.deadline.getTime());
    expect(await endOf(next)).toBe(next.deadline.getTime());
  });

  it('that was done by nobody in time is done by nobody later: the user can log in', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    let now = 1000;
    const limitOf = (of: RedisStore) =>
      new SubjectLimit({
        store: of,
        policy: { limit: 2, whenFull: 'refuse' },
        timeouts: { idleTimeout: 0, absoluteTimeout: 0 },
        timeout: 1000,
        now: () => now,
        isUsable: async () => true,
        end: async () => undefined,
      });
    const broken = await failing('bury', 'before');
    const moving = limitOf(broken).enter(
      old.subject!,
      { key: next.key, replaced: old.key, until: undefined },
      () => broken.move(old.key, 1, next, tombstone),
    );
    await expect(moving).rejects.toMatchObject({ reason: 'ECONNRESET' });
    await redis.sendCommand(['DEL', nameInRedis(old)]);
    now += 100; // the reservation is over
    const row = rowOf(store, { subject: old.subject });
    await limitOf(store).enter(old.subject!, { key: row.key, replaced: undefined, until: undefined }, () =>
      store.create(row),
    );
    expect(await keysOf(store, old.subject!)).toEqual([row.key.toString('hex')]);
    expect((await store.load(next.key))?.state).not.toBe('live');
  });

  it('that is repeated after its answer was lost is done once', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const broken = await failing('bury', 'after', true);
    await broken.move(old.key, 1, next, tombstone).catch(() => undefined);
    expect(await broken.move(old.key, 1, next, tombstone)).toBe('saved');
    expect((await store.load(next.key))?.state).toBe('live');
  });

  it('does not overwrite a session that was changed since by a repetition of its first step', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    await store.move(old.key, 1, next, tombstone);
    await store.replace({ ...next, sealed: Buffer.from('changed since') }, 1);
    await store.move(old.key, 1, next, tombstone).catch(() => undefined);
    expect((await store.load(next.key))?.sealed.toString()).toBe('changed since');
  });
});

describe('the end of all sessions of a subject in Redis', () => {
  it('ends the new session of a move that is under way', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    const slow = await open(async (script, send) => {
      if (isStep(script, 'bury')) await store.destroySubject(old.subject!, tombstone.deadline, undefined);
      return send();
    });
    expect(await slow.move(old.key, 1, next, tombstone)).not.toBe('saved');
    expect((await store.load(next.key))?.state).not.toBe('live');
  });

  it('ends the new session of a move that is done between its scan and its look at the old row', async () => {
    const store = await open();
    const { old, next, tombstone } = await planned(store);
    let moved = false;
    const slow = await open(async (script, send) => {
      if (isStep(script, 'destroy') && !moved) {
        moved = true;
        await store.move(old.key, 1, next, tombstone);
      }
      return send();
    });
    expect(await slow.destroySubject(old.subject!, tombstone.deadline, undefined)).toBe(1);
    expect((await store.load(next.key))?.state).toBe('ended');
  });

  it('finds a session whose deadline has moved on for days', async () => {
    const store = await open();
    const row = await created(store);
    const later = { ...row, deadline: new Date(row.deadline.getTime() + 20 * 86_400_000) };
    await store.touch(later, 1);
    const entry = await redis.sendCommand(['KEYS', '*subject:*']);
    const ttls = await Promise.all((entry as string[]).map((key) => redis.sendCommand(['PTTL', key])));
    expect(Math.max(...ttls.map(Number))).toBeGreaterThan(20 * 86_400_000);
    expect(await store.destroySubject(row.subject!, row.deadline, undefined)).toBe(1);
  });

  it('ends a session that got its subject by a save, and not as one of the former subject', async () => {
    const store = await open();
    const row = await created(store, { subject: 'former' });
    await store.replace({ ...row, subject: 'present' }, 1);
    expect(await store.destroySubject('former', row.deadline, undefined)).toBe(0);
    expect(await store.list('former')).toEqual([]);
    expect(await store.destroySubject('present', row.deadline, undefined)).toBe(1);
  });
});

describe('a write in Redis', () => {
  it('that arrives twice is done once, also behind a later write', async () => {
    const store = await open();
    const row = await created(store);
    const first = { ...row, sealed: Buffer.from('the first envelope') };
    expect(await store.replace(first, 1)).toBe('saved');
    expect(await store.replace({ ...row, sealed: Buffer.from('the second envelope') }, 2)).toBe('saved');
    expect(await store.replace(first, 1)).toBe('saved');
    const found = await store.load(row.key);
    expect([found?.version, found?.sealed.toString()]).toEqual([3, 'the second envelope']);
  });

  it('that the server gets too late does nothing', async () => {
    const store = await open();
    const row = await created(store);
    const client = Object.create(redis, {
      sendCommand: {
        value: (args: (string | Buffer)[], options: object) =>
          redis.sendCommand(
            args.map((one, i) => (i === 4 && String(args[0]).startsWith('EVAL') ? '1000' : one)),
            options,
          ),
      },
    }) as object;
    const late = redisStore({ client });
    await late.open(() => undefined);
    const actions = {
      create: () => late.create(rowOf(late)),
      replace: () => late.replace(row, 1),
      move: () => late.move(row.key, 1, rowOf(late), movedTo(late)),
      destroy: () => late.destroy(row.key, row.deadline),
      updateLocked: () => late.updateLocked(row.key, () => ({ row })),
    };
    for (const act of Object.values(actions))
      await expect(act()).rejects.toMatchObject({ reason: 'timeout' });
    const found = await store.load(row.key);
    expect([found?.version, found?.state]).toEqual([1, 'live']);
  });

  it('of which whoever waits has given up is not done', async () => {
    const store = await open();
    const row = await created(store);
    const past = performance.now() - 100;
    const writes = {
      create: () => store.create(rowOf(store), past),
      replace: () => store.replace(row, 1, past),
      move: () => store.move(row.key, 1, rowOf(store), movedTo(store), past),
      destroy: () => store.destroy(row.key, row.deadline, past),
      updateLocked: () => store.updateLocked(row.key, () => ({ row }), past),
    };
    for (const [name, write] of Object.entries(writes))
      await expect(write(), name).rejects.toMatchObject({ reason: 'timeout' });
    expect(await store.load(row.key)).toMatchObject({ version: 1, state: 'live' });
  });

  it('works after the server has forgotten all scripts', async () => {
    const store = await open();
    const row = await created(store);
    await redis.sendCommand(['SCRIPT', 'FLUSH']);
    expect(await store.replace(row, 1)).toBe('saved');
  });

  it('of another process waits for a lock, and an end does not', async () => {
    const store = await open();
    const row = await created(store);
    const results: unknown[] = [];
    await store.updateLocked(row.key, async () => {
      results.push(await store.replace(row, 1), await store.move(row.key, 1, rowOf(store), movedTo(store)));
      results.push(await store.destroy(row.key, row.deadline));
      return { row };
    });
    expect(results).toEqual(['conflict', 'conflict', true]);
    expect((await store.load(row.key))?.state).toBe('ended');
  });
});

describe('the keys in Redis', () => {
  it('contain neither a subject nor a token, and go when their time is over', async () => {
    const store = await open();
    await created(store, { subject: 'ada@example' });
    const keys = (await redis.sendCommand(['KEYS', '*'])) as string[];
    expect(keys.join()).not.toContain('ada');
    for (const key of keys) expect(Number(await redis.sendCommand(['PTTL', key]))).toBeGreaterThan(0);
  });

  it('leave no entry of a session that was ended', async () => {
    const store = await open();
    const row = await created(store);
    const before = ((await redis.sendCommand(['KEYS', '*subject:*'])) as string[]).length;
    await store.destroy(row.key, row.deadline);
    expect(((await redis.sendCommand(['KEYS', '*subject:*'])) as string[]).length).toBe(before - 1);
  });

  it('are counted and read in any number, under their own prefix only', async () => {
    const mine = redisStore({ client: connected.client, prefix: 'a*[b]?:' });
    await mine.open(() => undefined);
    const rows = await Promise.all(Array.from({ length: 1100 }, () => created(mine, { subject: undefined })));
    await created(redisStoreOf('a*[b]?:x') as RedisStore).catch(() => undefined);
    expect(await mine.count()).toBe(1100);
    const found = new Set<string>();
    for await (const row of mine.scanAll()) found.add(row.key.toString('hex'));
    expect(found).toEqual(new Set(rows.map(({ key }) => key.toString('hex'))));
    expect(await mine.count(new Date(Date.now() + 600_000))).toBe(0);
  });
});

const redisStoreOf = (prefix: string) => redisStore({ client: connected.client, prefix });

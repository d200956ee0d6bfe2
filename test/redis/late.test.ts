import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { SessionRow } from 'nestjs-session-crypto';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { SCRIPTS, type ScriptName } from '../../lib/stores/redis/scripts.js';
import { freshRow, movedTo } from '../../lib/testing/store-contract/rows.js';
import { redisBeforeTests } from '../support/redis-before-tests.js';

type Command = (string | Buffer)[];
type Act = (script: ScriptName, send: () => Promise<unknown>) => Promise<unknown>;

const running = redisBeforeTests();

const names = Object.keys(SCRIPTS) as ScriptName[];

/** Opens a store whose client does `act` around each script. */
async function open(act: Act = (_, send) => send(), timeout = 5000): Promise<RedisStore> {
  const redis = running.client as { sendCommand(args: Command, options: object): Promise<unknown> };
  const sendCommand = (args: Command, options: object) => {
    const script = names.find((name) => SCRIPTS[name].sha === args[1]);
    if (!script) return redis.sendCommand(args, options);
    const whole = ['EVAL', SCRIPTS[script].text, ...args.slice(2)];
    return act(script, () => redis.sendCommand(whole, options));
  };
  const store = redisStore({
    client: Object.create(redis, { sendCommand: { value: sendCommand } }) as object,
  });
  await store.open(() => undefined, { timeout });
  return store;
}

const rowOf = (store: RedisStore, part: Partial<SessionRow> = {}) =>
  freshRow(store, { subject: `u${Math.random()}`, sealed: randomBytes(40), ...part });

async function created(store: RedisStore, subject = `u${Math.random()}`): Promise<SessionRow> {
  const row = rowOf(store, { subject });
  await store.create(row);
  return row;
}

const lost = () => Promise.reject(Object.assign(new Error('lost'), { code: 'EXAMPLE' }));

it.each(['create', 'discard'] as const)('a %s of a try before does not harm the move', async (step) => {
  const held: (() => Promise<unknown>)[] = [];
  let isFirst = true;
  const store = await open();
  const moving = await open(async (script, send) => {
    if (script === 'reveal') await Promise.all(held.splice(0).map((one) => one()));
    if (script !== step || !isFirst) return send();
    isFirst = false;
    held.push(send); // it comes twice, as from a client that sends it again, or late
    return step === 'create' ? send() : lost();
  });
  const old = await created(store);
  await store.replace({ ...old, sealed: randomBytes(40) }, 1);
  const [first, second] = [rowOf(store), randomBytes(40)];
  expect(await moving.move(old.key, 1, first, movedTo(store))).toBe('conflict');
  expect(await moving.move(old.key, 2, { ...first, sealed: second }, movedTo(store))).toBe('saved');
  expect((await store.load(first.key))?.sealed.equals(second)).toBe(true);
});

it('a moved session is listed, counted and read when its last step was lost and the old row may be over', async () => {
  const store = await open();
  const moving = await open((script, send) => (script === 'reveal' ? lost() : send()));
  const old = await created(store);
  const next = rowOf(store, { subject: old.subject });
  const tombstone = { ...movedTo(store), deadline: new Date(store.now().getTime() - 1) };
  expect(await moving.move(old.key, 1, next, tombstone)).toBe('saved');
  const before = await store.count();
  expect(await store.list(old.subject!)).toHaveLength(1);
  expect((await store.load(next.key))?.state).toBe('live');
  expect(await store.count()).toBe(before);
  const keys: string[] = [];
  for await (const row of store.scanAll()) keys.push(row.key.toString('hex'));
  expect(keys).toContain(next.key.toString('hex'));
});

it('a scan reads the bytes and the clock of a row at one moment', async () => {
  const store = await open();
  const row = await created(store);
  const touched = { ...row, sealed: randomBytes(40), lastSeenAt: new Date(row.lastSeenAt.getTime() + 1000) };
  const scanning = await open(async (script, send) => {
    const answer = await send();
    if (script === 'find' || script === 'load') await store.touch(touched, 1);
    return answer;
  });
  for await (const found of scanning.scanAll())
    if (found.key.equals(row.key)) {
      const { lastSeenAt } = found.sealed.equals(row.sealed) ? row : touched;
      expect(found.lastSeenAt).toEqual(lastSeenAt);
      return;
    }
  expect.unreachable();
});

it('a touch waits for whoever has locked the session, who saves the clock that he has read', async () => {
  const store = await open();
  const row = await created(store);
  let touched: Promise<unknown> = Promise.resolve();
  let isTouched = false;
  const seen = { ...row, sealed: randomBytes(40), lastSeenAt: new Date(row.lastSeenAt.getTime() + 1000) };
  const saved = await store.updateLocked(row.key, async () => {
    touched = store.touch(seen, 1).finally(() => (isTouched = true));
    for (let i = 0; i < 20; i++) await store.load(row.key);
    expect(isTouched).toBe(false);
    return { row: { ...row, sealed: randomBytes(40) } };
  });
  expect([saved, await touched]).toEqual(['saved', false]);
  expect(await store.touch(seen, 2)).toBe(true);
});

it('every method ends within its time on a slow server, and nothing is done afterwards', async () => {
  let delay = 0;
  const slow: Act = async (_, send) => {
    await new Promise((resolve) => setTimeout(resolve, delay));
    return send();
  };
  const store = await open(slow, 500);
  const rows = await Promise.all(Array.from({ length: 250 }, () => created(store, 'slow')));
  const [other, { deadline }] = [await created(store), rows[0]!];
  delay = 300;
  const works = [
    () => store.destroySubject('slow', deadline, undefined),
    () => store.list('slow'),
    () => store.move(other.key, 1, rowOf(store), movedTo(store)),
    () => store.updateLocked(other.key, () => ({ row: other })),
  ];
  for (const work of works) {
    const begun = performance.now();
    await expect(work()).rejects.toMatchObject({ reason: 'timeout' });
    expect(performance.now() - begun).toBeLessThan(700);
  }
  delay = 0;
  const left = (await store.list('slow')).length;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(await store.list('slow')).toHaveLength(left);
  expect(left).toBeGreaterThan(100);
});

it('a write that comes again after many others of the same session is recognised', async () => {
  let resend = () => Promise.resolve<unknown>(undefined);
  const [store, one] = [await open(), await open((_, send) => ((resend = send), send()))];
  const row = await created(store);
  expect(await one.replace({ ...row, sealed: randomBytes(40) }, 1)).toBe('saved');
  for (let version = 2; version < 60; version++)
    expect(await store.replace({ ...row, sealed: randomBytes(40) }, version)).toBe('saved');
  expect(String(((await resend()) as Buffer[])[0])).toBe('saved');
});

it.each([{ state: 'live' }, { state: 'live', version: 'x', lock: 'a' }, { other: 'y' }, 'a text'])(
  'a key with %o is no session, and fails no step',
  async (content) => {
    const store = await open();
    const row = rowOf(store);
    const redis = running.client as { sendCommand(args: Command): Promise<unknown> };
    const key = `${store.name}${row.key.toString('base64url')}`;
    const isText = typeof content === 'string';
    await redis.sendCommand(
      isText ? ['SET', key, content] : ['HSET', key, ...Object.entries(content).flat()],
    );
    expect(await store.load(row.key)).toBe(undefined);
    expect(['gone', 'conflict']).toContain(await store.replace(row, 1));
    await store.count();
    expect(typeof (await store.destroy(row.key, row.deadline))).toBe('boolean');
    await redis.sendCommand(['DEL', key]);
  },
);

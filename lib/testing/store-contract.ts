import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { SessionRow, SessionStore } from '../stores/session-store.interface.js';

/** One fact that holds for every store. */
export interface StoreContractCase {
  readonly title: string;
  /** Rejects where the fact does not hold. `store` is open and may hold other rows. */
  run(store: SessionStore): Promise<void>;
}

const MINUTE = 60_000;
const bytes = (text: string) => Buffer.from(text);

/** A live row that nobody else has, good for an hour of the store's clock. */
function freshRow(store: SessionStore, part: Partial<SessionRow> = {}): SessionRow {
  const now = store.now?.() ?? new Date();
  return {
    key: randomBytes(32),
    sealed: bytes('sealed'),
    subject: undefined,
    createdAt: now,
    lastSeenAt: now,
    deadline: inMinutes(store, 60),
    ...part,
  };
}

const inMinutes = (store: SessionStore, minutes: number) =>
  new Date((store.now?.() ?? new Date()).getTime() + minutes * MINUTE);

async function created(store: SessionStore, part: Partial<SessionRow> = {}): Promise<SessionRow> {
  const row = freshRow(store, part);
  await store.create(row);
  return row;
}

const tombstone = (store: SessionStore, state: 'moved' | 'ended', sealed = '') => ({
  state,
  sealed: bytes(sealed),
  deadline: inMinutes(store, 1),
});

/** What `lib/session` relies on. Run every case over a store of your own before you use it:
 *
 *      for (const { title, run } of storeContract) it(title, () => run(myStore));
 */
export const storeContract: readonly StoreContractCase[] = [
  {
    title: 'loads nothing for a key that it does not know',
    async run(store) {
      assert.equal(await store.load(randomBytes(32)), undefined);
    },
  },
  {
    title: 'loads what was created, at version 1, with its own clock',
    async run(store) {
      const sealed = Buffer.from([0, 1, 2, 253, 254, 255]);
      const row = await created(store, { sealed, subject: 'ada' });
      const found = await store.load(row.key);
      assert.ok(found);
      assert.deepEqual(Buffer.from(found.sealed), sealed);
      assert.equal(found.version, 1);
      assert.equal(found.state, 'live');
      assert.ok(Math.abs(found.now.getTime() - row.createdAt.getTime()) < 10 * MINUTE);
    },
  },
  {
    title: 'refuses to create a row of a key that is there, and leaves that row as it is',
    async run(store) {
      const row = await created(store);
      await assert.rejects(store.create({ ...row, sealed: bytes('two') }), { reason: 'duplicate' });
      assert.deepEqual(Buffer.from((await store.load(row.key))!.sealed), Buffer.from(row.sealed));
    },
  },
  {
    title: 'loads nothing once the deadline has passed',
    async run(store) {
      const row = await created(store, { deadline: inMinutes(store, -1) });
      assert.equal(await store.load(row.key), undefined);
    },
  },
  {
    title: 'replaces a row at its version and raises the version by one',
    async run(store) {
      const row = await created(store);
      assert.equal(await store.replace({ ...row, sealed: bytes('two'), subject: 'bob' }, 1), 'saved');
      const found = await store.load(row.key);
      assert.equal(found?.version, 2);
      assert.equal(found?.sealed.toString(), 'two');
    },
  },
  {
    title: 'does not replace a row that is at another version',
    async run(store) {
      const row = await created(store);
      await store.replace(row, 1);
      assert.equal(await store.replace({ ...row, sealed: bytes('late') }, 1), 'conflict');
      assert.equal((await store.load(row.key))?.sealed.toString(), 'sealed');
    },
  },
  {
    title: 'never brings a row into being by replacing it',
    async run(store) {
      const row = freshRow(store);
      assert.notEqual(await store.replace(row, 1), 'saved');
      assert.equal(await store.load(row.key), undefined);
    },
  },
  {
    title: 'never revives a row that was ended by replacing or touching it',
    async run(store) {
      const row = await created(store, { subject: 'ada' });
      await store.destroy(row.key, inMinutes(store, 1));
      assert.notEqual(await store.replace(row, 1), 'saved');
      await store.touch?.(row, 1);
      const found = await store.load(row.key);
      assert.equal(found?.state, 'ended');
    },
  },
  {
    title: 'keeps an ended row as a tombstone without payload',
    async run(store) {
      const row = await created(store);
      assert.equal(await store.destroy(row.key, inMinutes(store, 1)), true);
      const found = await store.load(row.key);
      assert.equal(found?.state, 'ended');
      assert.equal(found?.sealed.length, 0);
    },
  },
  {
    title: 'ends what is not there, or has ended, without complaint',
    async run(store) {
      const row = await created(store);
      assert.equal(await store.destroy(randomBytes(32), inMinutes(store, 1)), false);
      await store.destroy(row.key, inMinutes(store, 1));
      assert.equal(await store.destroy(row.key, inMinutes(store, 1)), false);
    },
  },
  {
    title: 'moves a row in one step and leaves a tombstone that says where',
    async run(store) {
      const old = await created(store);
      const next = freshRow(store, { sealed: bytes('next') });
      assert.equal(await store.move(old.key, 1, next, tombstone(store, 'moved', 'pointer')), 'saved');
      const left = await store.load(old.key);
      assert.equal(left?.state, 'moved');
      assert.equal(left?.sealed.toString(), 'pointer');
      const found = await store.load(next.key);
      assert.equal(found?.state, 'live');
      assert.equal(found?.version, 1);
      assert.equal(found?.sealed.toString(), 'next');
    },
  },
  {
    title: 'moves nothing when the row is at another version or not live, and leaves no new row behind',
    async run(store) {
      const old = await created(store);
      const next = freshRow(store);
      assert.notEqual(await store.move(old.key, 7, next, tombstone(store, 'moved')), 'saved');
      await store.destroy(old.key, inMinutes(store, 1));
      assert.notEqual(await store.move(old.key, 1, next, tombstone(store, 'moved')), 'saved');
      assert.equal(await store.load(next.key), undefined);
      assert.equal((await store.load(old.key))?.state, 'ended');
    },
  },
  {
    title: 'lets one of two moves win',
    async run(store) {
      const old = await created(store);
      const nexts = [freshRow(store), freshRow(store)];
      const results = await Promise.all(
        nexts.map((next) => store.move(old.key, 1, next, tombstone(store, 'moved'))),
      );
      assert.equal(results.filter((result) => result === 'saved').length, 1);
      const found = await Promise.all(nexts.map(({ key }) => store.load(key)));
      assert.equal(found.filter(Boolean).length, 1);
    },
  },
  {
    title: 'lets one of twenty replacements at one version win',
    async run(store) {
      const row = await created(store);
      const tries = Array.from({ length: 20 }, (_, i) => store.replace({ ...row, sealed: bytes(`${i}`) }, 1));
      const results = await Promise.all(tries);
      assert.equal(results.filter((result) => result === 'saved').length, 1);
      assert.equal((await store.load(row.key))?.version, 2);
    },
  },
  {
    title: 'touches a row under the same version, and only at that version',
    async run(store) {
      const row = await created(store);
      if (!store.touch) return;
      const lastSeenAt = inMinutes(store, 5);
      await store.touch({ ...row, sealed: bytes('again'), lastSeenAt }, 1);
      await store.touch({ ...row, sealed: bytes('other') }, 9);
      const found = await store.load(row.key);
      assert.equal(found?.version, 1);
      assert.equal(found?.sealed.toString(), 'again');
    },
  },
  {
    title: 'prunes what has expired, tombstones too, and nothing else',
    async run(store) {
      if (!store.prune) return;
      const live = await created(store);
      const ended = await created(store);
      await created(store, { deadline: inMinutes(store, -1) });
      await store.destroy(ended.key, inMinutes(store, -1));
      assert.ok((await store.prune()) >= 2);
      assert.equal(await store.prune(), 0);
      assert.ok(await store.load(live.key));
    },
  },
  {
    title: 'lists the live rows of a subject, last seen first',
    async run(store) {
      if (!store.list) return;
      const subject = randomBytes(8).toString('hex');
      const older = await created(store, { subject, lastSeenAt: inMinutes(store, -9) });
      const newer = await created(store, { subject });
      const ended = await created(store, { subject });
      await created(store, { subject: `${subject}-other` });
      await store.destroy(ended.key, inMinutes(store, 1));
      const rows = await store.list(subject);
      assert.equal(rows[1]?.lastSeenAt.getTime(), older.lastSeenAt.getTime());
      assert.equal(rows[1]?.createdAt.getTime(), older.createdAt.getTime());
      const keys = rows.map(({ key }) => Buffer.from(key).toString('hex'));
      assert.deepEqual(keys, [newer.key.toString('hex'), older.key.toString('hex')]);
    },
  },
  {
    title: 'ends all rows of a subject but one',
    async run(store) {
      if (!store.destroySubject) return;
      const subject = randomBytes(8).toString('hex');
      const rows = [
        await created(store, { subject }),
        await created(store, { subject }),
        await created(store, { subject }),
      ];
      assert.equal(await store.destroySubject(subject, inMinutes(store, 1), rows[0]!.key), 2);
      const states = await Promise.all(rows.map(async ({ key }) => (await store.load(key))?.state));
      assert.deepEqual(states, ['live', 'ended', 'ended']);
    },
  },
  {
    title: 'scans live rows in the order of their keys',
    async run(store) {
      if (!store.scan) return;
      for (let i = 0; i < 3; i++) await created(store);
      const seen: Buffer[] = [];
      for (let after: Buffer | undefined; ;) {
        const rows = await store.scan(after, 2);
        seen.push(...rows.map(({ key }) => Buffer.from(key)));
        after = rows.at(-1)?.key;
        if (rows.length < 2) break;
      }
      assert.ok(seen.length >= 3);
      assert.deepEqual(seen, seen.toSorted(Buffer.compare));
    },
  },
  {
    title: 'counts live rows',
    async run(store) {
      if (!store.count) return;
      const before = await store.count();
      const row = await created(store);
      await created(store, { deadline: inMinutes(store, -1) });
      assert.equal(await store.count(), before + 1);
      await store.destroy(row.key, inMinutes(store, 1));
      assert.equal(await store.count(), before);
    },
  },
];

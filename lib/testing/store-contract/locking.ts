import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreContractCase } from './case.interface.js';
import { createRow, freshRow, inMinutes, MINUTE, movedTo } from './rows.js';

/** The optional locks: of one row, and of sessions. */
export const lockingContract: readonly StoreContractCase[] = [
  {
    title: 'changes a locked row, whatever its version',
    async run(store) {
      if (!store.updateLocked) return;
      const row = await createRow(store);
      await store.replace(row, 1);
      const change = async () => ({ row: { ...row, sealed: Buffer.from('locked') } });
      assert.equal(await store.updateLocked(row.key, change), 'saved');
      const found = await store.load(row.key);
      assert.equal(found?.version, 3);
      assert.equal(found?.sealed.toString(), 'locked');
    },
  },
  {
    title: 'lets nobody come between the look at a locked row and its change',
    async run(store) {
      if (!store.updateLocked) return;
      const row = await createRow(store, { sealed: Buffer.from([0]) });
      const addOne = () =>
        store.updateLocked!(row.key, async ({ sealed }) => ({
          row: { ...row, sealed: Buffer.from([sealed[0]! + 1]) },
        }));
      const results = await Promise.all(Array.from({ length: 8 }, addOne));
      assert.ok(results.every((result) => result === 'saved'));
      assert.equal((await store.load(row.key))?.sealed[0], 8);
    },
  },
  {
    title: 'moves a locked row',
    async run(store) {
      if (!store.updateLocked) return;
      const old = await createRow(store);
      const next = freshRow(store);
      const change = async () => ({ row: next, tombstone: movedTo(store, 'successor') });
      assert.equal(await store.updateLocked(old.key, change), 'saved');
      assert.equal((await store.load(old.key))?.sealed.toString(), 'successor');
      assert.equal((await store.load(next.key))?.version, 1);
    },
  },
  {
    title: 'locks no row that is not live, and changes nothing when the change throws or is none',
    async run(store) {
      if (!store.updateLocked) return;
      const row = await createRow(store);
      const fault = new Error('fault');
      await assert.rejects(
        store.updateLocked(row.key, () => Promise.reject(fault)),
        fault,
      );
      assert.equal(await store.updateLocked(row.key, () => undefined), 'conflict');
      assert.equal((await store.load(row.key))?.version, 1);
      await store.destroy(row.key, inMinutes(store, 1));
      for (const key of [row.key, randomBytes(32)])
        assert.notEqual(await store.updateLocked(key, () => ({ row: freshRow(store) })), 'saved');
      assert.equal((await store.load(row.key))?.state, 'ended');
    },
  },
  {
    title: 'gives a lock to one of eight who ask at once, and to the next when it is released',
    async run({ locks }) {
      if (!locks) return;
      const name = randomBytes(32);
      const holders = Array.from({ length: 8 }, () => randomBytes(12));
      const taken = await Promise.all(holders.map((holder) => locks.acquire(name, holder, MINUTE)));
      assert.equal(taken.filter(Boolean).length, 1);
      const [first, second] = [holders[taken.indexOf(true)]!, holders[taken.indexOf(false)]!];
      assert.equal(await locks.acquire(name, first, MINUTE), true);
      await locks.release(name, second);
      assert.equal(await locks.acquire(name, second, MINUTE), false);
      await locks.release(name, first);
      assert.equal(await locks.acquire(name, second, MINUTE), true);
      assert.equal(await locks.acquire(randomBytes(32), first, MINUTE), true);
    },
  },
  {
    title: 'renews a lock for its holder and for nobody else, and not once another has had it',
    async run({ locks }) {
      if (!locks) return;
      const [name, holder, other] = [randomBytes(32), randomBytes(12), randomBytes(12)];
      assert.equal(await locks.renew(name, holder, MINUTE), false);
      await locks.acquire(name, holder, MINUTE);
      assert.equal(await locks.renew(name, other, MINUTE), false);
      assert.equal(await locks.renew(name, holder, 2 * MINUTE), true);
      await locks.release(name, holder);
      assert.equal(await locks.renew(name, holder, MINUTE), false);
    },
  },
  {
    title: 'frees a lock when its time is over, and renews it no more',
    async run({ locks }) {
      if (!locks) return;
      const [name, holder, next] = [randomBytes(32), randomBytes(12), randomBytes(12)];
      await locks.acquire(name, holder, 1);
      let isFree = false;
      while (!isFree) isFree = await locks.acquire(name, next, MINUTE);
      assert.equal(await locks.renew(name, holder, MINUTE), false);
      assert.equal(await locks.acquire(name, holder, MINUTE), false);
    },
  },
  {
    title: 'takes no lock for a session',
    async run(store) {
      if (!store.locks) return;
      const [name, holder] = [randomBytes(32), randomBytes(12)];
      const before = await store.count?.();
      await store.locks.acquire(name, holder, MINUTE);
      assert.notEqual((await store.load(name))?.state, 'live');
      assert.equal(await store.destroy(name, inMinutes(store, 1)), false);
      assert.equal(
        await store.replace(freshRow(store, { key: name }), 1).then((is) => is === 'saved'),
        false,
      );
      assert.equal(await store.count?.(), before);
      assert.equal(await store.locks.renew(name, holder, MINUTE), true);
    },
  },
];

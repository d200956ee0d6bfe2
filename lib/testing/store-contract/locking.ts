import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreContractCase } from './case.interface.js';
import { createRow, freshRow, inMinutes, movedTo } from './rows.js';

/** The optional lock of one row. */
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
];

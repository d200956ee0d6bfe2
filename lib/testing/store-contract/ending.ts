import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreContractCase } from './case.interface.js';
import { createRow, inMinutes } from './rows.js';

/** An ended row stays ended. */
export const endingContract: readonly StoreContractCase[] = [
  {
    title: 'never revives an ended row by replacing or touching it',
    async run(store) {
      const row = await createRow(store, { subject: 'ada' });
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
      const row = await createRow(store);
      assert.equal(await store.destroy(row.key, inMinutes(store, 1)), true);
      const found = await store.load(row.key);
      assert.equal(found?.state, 'ended');
      assert.equal(found?.sealed.length, 0);
    },
  },
  {
    title: 'accepts the end of a row that does not exist or has ended already',
    async run(store) {
      const row = await createRow(store);
      assert.equal(await store.destroy(randomBytes(32), inMinutes(store, 1)), false);
      await store.destroy(row.key, inMinutes(store, 1));
      assert.equal(await store.destroy(row.key, inMinutes(store, 1)), false);
    },
  },
];

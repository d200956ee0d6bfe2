import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreContractCase } from './case.interface.js';
import { createRow, inMinutes, MINUTE } from './rows.js';

/** A store returns the rows that it has, and no others. */
export const loadingContract: readonly StoreContractCase[] = [
  {
    title: 'loads nothing for an unknown key',
    async run(store) {
      assert.equal(await store.load(randomBytes(32)), undefined);
    },
  },
  {
    title: 'answers a ping, and keeps no session of it',
    async run(store) {
      if (!store.ping) return;
      const before = await store.count?.();
      await store.ping();
      assert.equal(await store.count?.(), before);
    },
  },
  {
    title: "loads a new row at version 1, with the store's clock",
    async run(store) {
      const sealed = Buffer.from([0, 1, 2, 253, 254, 255]);
      const row = await createRow(store, { sealed, subject: 'ada' });
      const found = await store.load(row.key);
      assert.ok(found);
      assert.deepEqual(Buffer.from(found.sealed), sealed);
      assert.equal(found.version, 1);
      assert.equal(found.state, 'live');
      assert.ok(Math.abs(found.now.getTime() - row.createdAt.getTime()) < 10 * MINUTE);
    },
  },
  {
    title: 'refuses a second row with the same key and keeps the first one unchanged',
    async run(store) {
      const row = await createRow(store);
      await assert.rejects(store.create({ ...row, sealed: Buffer.from('two') }), { reason: 'duplicate' });
      assert.deepEqual(Buffer.from((await store.load(row.key))!.sealed), Buffer.from(row.sealed));
    },
  },
  {
    title: 'loads nothing after the deadline',
    async run(store) {
      const row = await createRow(store, { deadline: inMinutes(store, -1) });
      assert.equal(await store.load(row.key), undefined);
    },
  },
];

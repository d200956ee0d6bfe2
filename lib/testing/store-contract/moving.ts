import assert from 'node:assert/strict';
import type { StoreContractCase } from './case.interface.js';
import { createRow, freshRow, inMinutes, movedTo } from './rows.js';

/** A session changes its row in one step, and only once. */
export const movingContract: readonly StoreContractCase[] = [
  {
    title: 'moves a row in one step and leaves a tombstone that names the successor',
    async run(store) {
      const old = await createRow(store);
      const next = freshRow(store, { sealed: Buffer.from('next') });
      assert.equal(await store.move(old.key, 1, next, movedTo(store, 'successor')), 'saved');
      const left = await store.load(old.key);
      assert.equal(left?.state, 'moved');
      assert.equal(left?.sealed.toString(), 'successor');
      const found = await store.load(next.key);
      assert.equal(found?.state, 'live');
      assert.equal(found?.version, 1);
      assert.equal(found?.sealed.toString(), 'next');
    },
  },
  {
    title: 'moves nothing if the row is at another version or not live, and leaves no new row',
    async run(store) {
      const old = await createRow(store);
      const next = freshRow(store);
      assert.notEqual(await store.move(old.key, 7, next, movedTo(store)), 'saved');
      await store.destroy(old.key, inMinutes(store, 1));
      assert.notEqual(await store.move(old.key, 1, next, movedTo(store)), 'saved');
      assert.equal(await store.load(next.key), undefined);
      assert.equal((await store.load(old.key))?.state, 'ended');
    },
  },
  {
    title: 'lets exactly one of two moves succeed',
    async run(store) {
      const old = await createRow(store);
      const nexts = [freshRow(store), freshRow(store)];
      const results = await Promise.all(nexts.map((next) => store.move(old.key, 1, next, movedTo(store))));
      assert.equal(results.filter((result) => result === 'saved').length, 1);
      const found = await Promise.all(nexts.map(({ key }) => store.load(key)));
      assert.equal(found.filter(Boolean).length, 1);
    },
  },
];

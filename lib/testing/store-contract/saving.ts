import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreContractCase } from './case.interface.js';
import { createRow, freshRow, inMinutes } from './rows.js';

/** A save succeeds only at the version that was loaded, and never creates a row. */
export const savingContract: readonly StoreContractCase[] = [
  {
    title: 'replaces a row at its version and raises the version by one',
    async run(store) {
      const row = await createRow(store);
      assert.equal(await store.replace({ ...row, sealed: Buffer.from('two'), subject: 'bob' }, 1), 'saved');
      const found = await store.load(row.key);
      assert.equal(found?.version, 2);
      assert.equal(found?.sealed.toString(), 'two');
    },
  },
  {
    title: 'does not replace a row that is at another version',
    async run(store) {
      const row = await createRow(store);
      await store.replace(row, 1);
      assert.equal(await store.replace({ ...row, sealed: Buffer.from('late') }, 1), 'conflict');
      assert.equal((await store.load(row.key))?.sealed.toString(), 'sealed');
    },
  },
  {
    title: 'never creates a row by replacing it',
    async run(store) {
      const row = freshRow(store);
      assert.notEqual(await store.replace(row, 1), 'saved');
      assert.equal(await store.load(row.key), undefined);
    },
  },
  {
    title: 'lets exactly one of twenty replacements at one version succeed',
    async run(store) {
      const row = await createRow(store);
      const tries = Array.from({ length: 20 }, (_, i) =>
        store.replace({ ...row, sealed: Buffer.from(`${i}`) }, 1),
      );
      const results = await Promise.all(tries);
      assert.equal(results.filter((result) => result === 'saved').length, 1);
      assert.equal((await store.load(row.key))?.version, 2);
    },
  },
  {
    title: 'touches a row under the same version, and only at that version',
    async run(store) {
      const row = await createRow(store);
      if (!store.touch) return;
      const lastSeenAt = inMinutes(store, 5);
      const touched = await store.touch({ ...row, sealed: Buffer.from('again'), lastSeenAt }, 1);
      const missed = await store.touch({ ...row, sealed: Buffer.from('other') }, 9);
      assert.notEqual(touched, false);
      assert.notEqual(missed, true);
      const found = await store.load(row.key);
      assert.equal(found?.version, 1);
      assert.equal(found?.sealed.toString(), 'again');
    },
  },
  {
    title: 'puts no idle clock back: a touch that another one has overtaken does nothing',
    async run(store) {
      if (!store.touch) return;
      const row = await createRow(store, { subject: `u${randomBytes(6).toString('hex')}` });
      const lastSeenAt = inMinutes(store, 5);
      await store.touch({ ...row, sealed: Buffer.from('later'), lastSeenAt }, 1);
      const overtaken = await store.touch({ ...row, sealed: Buffer.from('earlier') }, 1);
      assert.notEqual(overtaken, true);
      assert.equal((await store.load(row.key))?.sealed.toString(), 'later');
      const again = await store.touch({ ...row, sealed: Buffer.from('same moment'), lastSeenAt }, 1);
      assert.notEqual(again, false);
      assert.equal((await store.load(row.key))?.sealed.toString(), 'same moment');
      const [listed] = (await store.list?.(row.subject!)) ?? [];
      if (listed) assert.deepEqual(listed.lastSeenAt, lastSeenAt);
    },
  },
];

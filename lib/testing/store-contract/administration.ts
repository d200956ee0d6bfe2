import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { StoreContractCase } from './case.interface.js';
import { createRow, inMinutes } from './rows.js';

/** Optional methods: pruning, lists, counts, and the end of all sessions of a subject. */
export const administrationContract: readonly StoreContractCase[] = [
  {
    title: 'prunes expired rows and tombstones, and nothing else',
    async run(store) {
      if (!store.prune) return;
      const live = await createRow(store);
      const ended = await createRow(store);
      await createRow(store, { deadline: inMinutes(store, -1) });
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
      const older = await createRow(store, { subject, lastSeenAt: inMinutes(store, -9) });
      const newer = await createRow(store, { subject });
      const ended = await createRow(store, { subject });
      await createRow(store, { subject: `${subject}-other` });
      await store.destroy(ended.key, inMinutes(store, 1));
      const rows = await store.list(subject);
      assert.equal(rows[1]?.lastSeenAt.getTime(), older.lastSeenAt.getTime());
      assert.equal(rows[1]?.createdAt.getTime(), older.createdAt.getTime());
      const keys = rows.map(({ key }) => Buffer.from(key).toString('hex'));
      assert.deepEqual(keys, [newer.key.toString('hex'), older.key.toString('hex')]);
    },
  },
  {
    title: 'ends all live rows of a subject except one',
    async run(store) {
      if (!store.destroySubject) return;
      const subject = randomBytes(8).toString('hex');
      const rows = [
        await createRow(store, { subject }),
        await createRow(store, { subject }),
        await createRow(store, { subject }),
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
      for (let i = 0; i < 3; i++) await createRow(store);
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
      const row = await createRow(store);
      await createRow(store, { deadline: inMinutes(store, -1) });
      assert.equal(await store.count(), before + 1);
      await store.destroy(row.key, inMinutes(store, 1));
      assert.equal(await store.count(), before);
    },
  },
];

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { KeyRow, KeyRowStore } from '../../stores/key-row-store.interface.js';

/** One fact that holds for every store of the keys of managed rings. */
export interface KeyStoreContractCase {
  readonly title: string;
  /** Rejects if the fact does not hold for the store. `store` must be open and may contain other rings. */
  run(store: KeyRowStore): Promise<void>;
}

const freshRing = () => `ring ${randomUUID()}`;

/** Returns a row at version 1, whose times no rounding may change. */
function freshRow(part: Partial<KeyRow> = {}): KeyRow {
  return {
    id: 1,
    version: 1,
    hint: randomBytes(4).readUInt32BE(),
    state: 'published',
    createdAt: new Date(1_767_225_600_123),
    sealsAt: new Date(1_767_398_400_457),
    retiresAt: undefined,
    dropsAt: undefined,
    wrapped: randomBytes(109),
    ...part,
  };
}

/** The facts about a key store that a managed ring depends on. Run every case over a store of your own before you use it:
 *
 *      for (const { title, run } of keyStoreContract) it(title, () => run(myStore));
 */
export const keyStoreContract: readonly KeyStoreContractCase[] = [
  {
    title: 'tells its clock for a ring without rows',
    async run(store) {
      const { rows, now } = await store.load(freshRing());
      assert.deepEqual(rows, []);
      assert.ok(Number.isFinite(now.getTime()));
    },
  },
  {
    title: 'keeps rows under a name with a tab, where processes report, apart from those of the ring',
    async run(store) {
      const ring = freshRing();
      const [key, report] = [freshRow(), freshRow({ id: 2_147_483_647 })];
      assert.equal(await store.insert(ring, key), true);
      assert.equal(await store.insert(`${ring}\tprocesses`, report), true);
      assert.deepEqual((await store.load(ring)).rows, [key]);
      assert.deepEqual((await store.load(`${ring}\tprocesses`)).rows, [report]);
    },
  },
  {
    title: 'returns every column as it was written',
    async run(store) {
      const ring = freshRing();
      const plain = freshRow({ hint: 0 });
      const whole = freshRow({
        id: 2,
        hint: 0xffffffff,
        state: 'retiring',
        retiresAt: new Date(1_775_174_400_001),
        dropsAt: new Date(1_775_203_800_999),
      });
      assert.equal(await store.insert(ring, plain), true);
      assert.equal(await store.insert(ring, whole), true);
      assert.deepEqual((await store.load(ring)).rows, [plain, whole]);
    },
  },
  {
    title: 'returns rows in the order of their ids',
    async run(store) {
      const ring = freshRing();
      for (const id of [10, 2, 1, 11]) await store.insert(ring, freshRow({ id }));
      const ids = (await store.load(ring)).rows.map(({ id }) => id);
      assert.deepEqual(ids, [1, 2, 10, 11]);
    },
  },
  {
    title: 'keeps rings apart',
    async run(store) {
      const [one, two] = [freshRing(), freshRing()];
      await store.insert(one, freshRow());
      const row = freshRow({ hint: 7 });
      assert.equal(await store.insert(two, row), true);
      assert.equal(await store.remove(one, 1, 1), true);
      assert.deepEqual((await store.load(two)).rows, [row]);
    },
  },
  {
    title: 'lets exactly one of twenty insertions of one id succeed',
    async run(store) {
      const ring = freshRing();
      const tries = Array.from({ length: 20 }, (_, i) => store.insert(ring, freshRow({ hint: i })));
      const results = await Promise.all(tries);
      assert.equal(results.filter(Boolean).length, 1);
      const { rows } = await store.load(ring);
      assert.deepEqual(
        rows.map(({ hint }) => hint),
        [results.indexOf(true)],
      );
    },
  },
  {
    title: 'replaces a row at the version before, with all columns',
    async run(store) {
      const ring = freshRing();
      const row = freshRow();
      await store.insert(ring, row);
      const dropsAt = new Date(1_775_203_800_000);
      const changed = freshRow({ version: 2, state: 'revoked', retiresAt: dropsAt, dropsAt });
      const next = { ...changed, wrapped: Buffer.alloc(0) };
      assert.equal(await store.update(ring, next), true);
      assert.deepEqual((await store.load(ring)).rows, [next]);
    },
  },
  {
    title: 'replaces no row at another version, and creates none by a replacement',
    async run(store) {
      const ring = freshRing();
      const row = freshRow();
      assert.equal(await store.update(ring, { ...row, version: 2 }), false);
      await store.insert(ring, row);
      assert.equal(await store.update(ring, { ...row, version: 3 }), false);
      assert.equal(await store.update(ring, row), false);
      assert.deepEqual((await store.load(ring)).rows, [row]);
    },
  },
  {
    title: 'lets exactly one of twenty replacements at one version succeed',
    async run(store) {
      const ring = freshRing();
      await store.insert(ring, freshRow());
      const tries = Array.from({ length: 20 }, (_, i) =>
        store.update(ring, freshRow({ version: 2, hint: i })),
      );
      const results = await Promise.all(tries);
      assert.equal(results.filter(Boolean).length, 1);
      assert.equal((await store.load(ring)).rows[0]?.hint, results.indexOf(true));
    },
  },
  {
    title: 'removes a row at its version only',
    async run(store) {
      const ring = freshRing();
      const row = freshRow();
      await store.insert(ring, row);
      assert.equal(await store.remove(ring, 1, 2), false);
      assert.equal(await store.remove(ring, 2, 1), false);
      assert.deepEqual((await store.load(ring)).rows, [row]);
      assert.equal(await store.remove(ring, 1, 1), true);
      assert.equal(await store.remove(ring, 1, 1), false);
      assert.deepEqual((await store.load(ring)).rows, []);
    },
  },
];

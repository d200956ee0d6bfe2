import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { storeContract } from 'nestjs-session-crypto/testing';
import { fileStore } from '../../lib/php/index.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'file-store-'));
});
afterAll(() => rm(root, { recursive: true }));

describe.each([0, 1, 2])('fileStore of depth %i', (depth) => {
  for (const { title, run } of storeContract)
    it(title, async () => {
      const path = await mkdtemp(join(root, 'contract-')); // 0700
      const store = fileStore({ path, depth });
      await store.open();
      await run(store);
    });
});

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStore } from 'nestjs-session-crypto';
import { storeContract } from 'nestjs-session-crypto/testing';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { hasRedis, startRedis } from '../support/redis.js';
import { ScriptApp } from '../support/script-app.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'test/docs/stores-page');

if (!hasRedis) console.log('redis-server is not installed, so the store of docs/stores.md is not run');

/** The module that the page shows. */
const [, code] = /```ts\n([^`]*(?:`[^`]+)*?export function redisSessions[^]*?)```/.exec(
  readFileSync(join(root, 'docs/stores.md'), 'utf8'),
)!;

describe.skipIf(!hasRedis)('the store of docs/stores.md in a real Redis', () => {
  let send: (command: readonly string[]) => Promise<unknown>;
  let store: SessionStore;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'redis-sessions.ts'), code!);
    const module = (await import(pathToFileURL(join(folder, 'redis-sessions.ts')).href)) as {
      redisSessions(send: unknown): SessionStore;
    };
    send = await startRedis();
    store = module.redisSessions(send);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(storeContract.map(({ title, run }) => [title, run] as const))('%s', (_, run) => run(store));

  it.each(ADAPTER_NAMES)('keeps the sessions of an application on %s', async (adapter) => {
    const app = await ScriptApp.start({ store, prune: { interval: 0 } }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    await Promise.all(Array.from({ length: 20 }, () => client.run((session) => session.increment('n'))));
    expect(await client.result((session) => session.get('n'))).toBe(20);
    const before = client.copy();
    await client.run((session) => session.login('ada'));
    expect(await before.result((session) => session.subject ?? null)).toBe(null);
    await client.run((session) => session.logout());
    expect(await client.result((session) => session.all())).toEqual({});
    expect(await send(['KEYS', '*'])).not.toEqual([]);
  });
});

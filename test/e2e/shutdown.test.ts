import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { getSessionEventsToken, memoryStore, type SessionEvents } from 'nestjs-session-crypto';
import { holdNext } from './support/hold.js';
import { temporaryFolder } from '../support/cleanup.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET, startApp } from '../support/test-app.js';

it('a shutdown waits for the saves that are under way', async () => {
  const store = memoryStore();
  const create = holdNext(store, 'create');
  const app = await ScriptApp.start({ store });
  const answer = app.client().run((session) => session.set('n', 1));
  await create.begun;
  const closed = app.close();
  create.release();
  expect((await answer).status).toBe(201);
  await closed;
  expect(await store.count()).toBe(1);
});

it('an application that does not come up listens for no keys', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'keys');
  writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
  let events: SessionEvents | undefined;
  const start = startApp({
    session: { crypto: { secrets: [{ file }] }, store: memoryStore() },
    providers: [
      {
        provide: 'broken',
        inject: [getSessionEventsToken()],
        useFactory: (told: SessionEvents) => {
          events = told;
          throw new Error('broken');
        },
      },
    ],
  });
  await expect(start).rejects.toThrow('broken');
  const heard: string[] = [];
  events!.on('keysReloaded', () => heard.push('reloaded')).on('keysFailed', () => heard.push('failed'));
  appendFileSync(file, `hex:${'22'.repeat(32)}\n`);
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap');
  expect([timers, heard]).toEqual([[], []]);
});

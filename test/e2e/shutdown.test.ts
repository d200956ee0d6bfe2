import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { expect, it } from 'vitest';
import {
  getSessionEventsToken,
  memoryStore,
  SessionCryptoModule,
  type SessionEvents,
} from 'nestjs-session-crypto';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

it('a shutdown waits for the saves that are under way', async () => {
  const store = memoryStore();
  const create = store.create.bind(store);
  let goOn!: () => void;
  const begun = new Promise<void>((resolve) => {
    store.create = async (row) => {
      resolve();
      await new Promise<void>((open) => (goOn = open));
      return create(row);
    };
  });
  const app = await ScriptApp.start({ store });
  const answer = app.client().run((session) => session.set('n', 1));
  await begun;
  const closed = app.close();
  goOn();
  expect((await answer).status).toBe(201);
  await closed;
  expect(await store.count()).toBe(1);
});

it('an application that does not come up listens for no keys', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-'));
  const file = join(folder, 'keys');
  writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
  let events: SessionEvents | undefined;
  const start = Test.createTestingModule({
    imports: [SessionCryptoModule.forRoot({ crypto: { secrets: [{ file }] }, store: memoryStore() })],
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
  }).compile();
  await expect(start).rejects.toThrow('broken');
  const heard: string[] = [];
  events!.on('keysReloaded', () => heard.push('reloaded')).on('keysFailed', () => heard.push('failed'));
  appendFileSync(file, `hex:${'22'.repeat(32)}\n`);
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap');
  rmSync(folder, { recursive: true });
  expect([timers, heard]).toEqual([[], []]);
});

import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { memoryStore, SessionCryptoModule } from 'nestjs-session-crypto';
import * as request from 'supertest';
import type { App } from 'supertest/types';
import { HealthModule } from './health.module';

const down = () => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));

async function start(methods: object, onStoreDown: 'fail' | 'anonymous'): Promise<INestApplication<App>> {
  const sessions = SessionCryptoModule.forRoot({
    crypto: { secrets: ['a passphrase for this test'] },
    store: Object.assign(memoryStore(), methods),
    session: { onStoreDown },
  });
  const tested = await Test.createTestingModule({ imports: [sessions, HealthModule] }).compile();
  return tested.createNestApplication<INestApplication<App>>().init();
}

describe('HealthController, with terminus 11', () => {
  it.each([
    [{}, 'fail', 200, { status: 'ok', session: { status: 'up' } }],
    [{ load: down }, 'fail', 503, { status: 'error', session: { status: 'down' } }],
    [{ load: down }, 'anonymous', 200, { status: 'ok', session: { status: 'up', state: 'degraded' } }],
  ] as const)('%j with onStoreDown %s gives %d', async (methods, onStoreDown, status, expected) => {
    const app = await start(methods, onStoreDown);
    const { body } = await request(app.getHttpServer()).get('/health/ready').expect(status);
    expect({ status: body.status, session: body.details.session }).toEqual(expected);
    await request(app.getHttpServer()).get('/health/live').expect(200);
    await app.close();
  });
});

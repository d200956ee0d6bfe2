import { Controller, Get, Module, Res, StreamableFile, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CacheLimiter,
  CurrentSession,
  getSessionStoreToken,
  memoryStore,
  Session,
  SessionCryptoModule,
  SkipSession,
  type SessionStore,
} from 'nestjs-session-crypto';
import { ADAPTERS, SECRET, type AdapterName } from '../support/script-app.js';

const PUBLIC = 'public, max-age=10800';
const NOCACHE = 'no-store, no-cache, must-revalidate';

@Controller()
class PageController {
  @Get('login')
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
  }

  @Get('public')
  @CacheLimiter('public')
  read(@CurrentSession() session: Session) {
    return String(session.isNew);
  }

  @Get('begun')
  @CacheLimiter('public')
  begin(@CurrentSession() session: Session) {
    session.set('n', 1);
  }

  @Get('not-modified')
  async notModified(@CurrentSession() _session: Session, @Res() response: Raw<ServerResponse>) {
    const raw = response.raw ?? response;
    raw.statusCode = 304;
    raw.end();
  }

  @Get('stream')
  stream(@CurrentSession() session: Session) {
    session.get('n');
    return new StreamableFile(Readable.from(['a', 'b']));
  }

  @Get('failing')
  failing(@CurrentSession() _session: Session) {
    throw new Error('on purpose');
  }

  @Get('none')
  @SkipSession()
  none() {}
}

type Raw<T> = T & { raw?: T };

const open: INestApplication[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

async function start(adapter: AdapterName, options: object = {}) {
  const warnings: string[] = [];
  const session = SessionCryptoModule.forRoot({
    crypto: { secrets: [SECRET] },
    store: memoryStore(),
    ...options,
  });
  @Module({ imports: [session], controllers: [PageController] })
  class AppModule {}
  const keep = (message: string) => void warnings.push(message);
  const quiet = { log() {}, warn: keep, error: keep, debug() {}, verbose() {} };
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .setLogger(quiet)
    .compile();
  const app = testing.createNestApplication(new (ADAPTERS[adapter] as typeof ADAPTERS.express)());
  await app.listen(0, '127.0.0.1');
  open.push(app);
  const url = await app.getUrl();
  const get = async (path: string, cookie = '') => {
    const response = await fetch(url + path, { headers: cookie ? { cookie } : {} });
    await response.text();
    return response;
  };
  return { app, get, warnings };
}

describe.each(['express', 'fastify'] as const)('cache headers on %s', (adapter) => {
  it('are public where nobody is logged in and no cookie is set', async () => {
    const { get, warnings } = await start(adapter);
    const { headers } = await get('/public');
    expect(headers.get('cache-control')).toBe(PUBLIC);
    expect(headers.get('vary')).toMatch(/\bCookie\b/);
    expect(warnings).toEqual([]);
  });

  it('are never public for somebody who is logged in, which is said once and names the route', async () => {
    const { get, warnings } = await start(adapter);
    const cookie = (await get('/login')).headers.getSetCookie()[0]!.split(';')[0]!;
    for (let i = 0; i < 3; i++)
      expect((await get('/public?i=' + i, cookie)).headers.get('cache-control')).toBe(NOCACHE);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"GET /public"');
  });

  it('are never public on an answer that sets our cookie', async () => {
    const { get } = await start(adapter);
    const { headers } = await get('/begun');
    expect(headers.getSetCookie()).toHaveLength(1);
    expect(headers.get('cache-control')).toBe(NOCACHE);
  });

  it.each(['/not-modified', '/stream', '/failing'])('and Vary are on %s too', async (path) => {
    const { headers } = await (await start(adapter)).get(path);
    expect(headers.get('cache-control')).toBe(NOCACHE);
    expect(headers.get('vary')).toMatch(/\bCookie\b/);
  });

  it('are absent where no session was asked for', async () => {
    const { headers } = await (await start(adapter)).get('/none');
    expect(headers.get('cache-control')).toBeNull();
    expect(headers.get('vary') ?? '').not.toMatch(/\bCookie\b/);
  });
});

describe.each(['express', 'fastify'] as const)('pruning by probability on %s', (adapter) => {
  async function prunesAfter(probability: number): Promise<number> {
    const { app, get } = await start(adapter, { prune: { interval: 0, probability, divisor: 1 } });
    const store = app.get<SessionStore>(getSessionStoreToken());
    let prunes = 0;
    const pruned = new Promise<void>((resolve) => {
      store.prune = () => {
        prunes++;
        resolve();
        return Promise.resolve(0);
      };
    });
    await get('/none');
    if (probability) await pruned;
    return prunes;
  }

  it('prunes once the answer has gone', async () => {
    expect(await prunesAfter(1)).toBe(1);
  });

  it('prunes nothing at 0', async () => {
    expect(await prunesAfter(0)).toBe(0);
  });
});

import { Controller, Get, Query, Res, StreamableFile } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  CacheLimiter,
  CurrentSession,
  getSessionStoreToken,
  memoryStore,
  Session,
  SkipSession,
  type SessionStore,
} from 'nestjs-session-crypto';
import { fromPhpIni } from 'nestjs-session-crypto/php';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { cookieOf } from '../support/ask.js';
import { SECRET, type SessionPlan, startApp } from '../support/test-app.js';

const PUBLIC = 'public, max-age=10800';
const NOCACHE = 'no-store';

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

  /** Caches itself, by a header that is set or by one that `writeHead` passes. */
  @Get('own')
  async own(
    @CurrentSession() session: Session,
    @Query() { does, says, how }: Record<string, string>,
    @Res() response: Raw<ServerResponse>,
  ) {
    if (does === 'begin') session.set('n', 1);
    if (does === 'logout') await session.logout();
    const raw = response.raw ?? response;
    const headers = { 'Cache-Control': says!, 'CDN-Cache-Control': 'max-age=600', 'X-Accel-Expires': '600' };
    if (how === 'pass') return void raw.writeHead(200, headers).end();
    for (const [name, value] of Object.entries(headers)) raw.setHeader(name, value);
    raw.end();
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

const start = (adapter: AdapterName, options: SessionPlan = {}) =>
  startApp({ adapter, session: { store: memoryStore(), ...options }, controllers: [PageController] });

describe.each(ADAPTER_NAMES)('cache headers on %s', (adapter) => {
  it('are public where nobody is logged in and no cookie is set', async () => {
    const app = await start(adapter);
    const { headers } = await app.ask('/public');
    expect(headers['cache-control']).toBe(PUBLIC);
    expect(headers['vary']).toMatch(/\bCookie\b/);
    expect(app.complaints).toEqual([]);
  });

  it('are never public for somebody who is logged in, which is said once and names the route', async () => {
    const app = await start(adapter);
    const headers = { cookie: cookieOf(await app.ask('/login')) };
    for (let i = 0; i < 3; i++)
      expect((await app.ask(`/public?i=${i}`, { headers })).headers['cache-control']).toBe(NOCACHE);
    expect(app.complaints).toHaveLength(1);
    expect(app.complaints[0]).toContain('"GET /public"');
  });

  it('are never public on an answer that sets our cookie', async () => {
    const app = await start(adapter);
    const { headers, cookies } = await app.ask('/begun');
    expect(cookies).toHaveLength(1);
    expect(headers['cache-control']).toBe(NOCACHE);
  });

  it.each(['set', 'pass'])('of the application are kept as far as our cookie allows: %s', async (how) => {
    const app = await start(adapter);
    const cookie = cookieOf(await app.ask('/login'));
    const own = async (does: string, says: string) => {
      const { headers } = await app.ask(`/own?${String(new URLSearchParams({ does, says, how }))}`, {
        headers: does === 'logout' ? { cookie } : {},
      });
      return [headers['cache-control'], headers['cdn-cache-control'], headers['x-accel-expires']];
    };
    const kept = ['max-age=600', '600'];
    const gone = [undefined, undefined];
    expect(await own('read', 'public, max-age=60')).toEqual(['public, max-age=60', ...kept]);
    expect(app.complaints).toEqual([]);
    expect(await own('begin', 'private, max-age=60')).toEqual(['private, max-age=60', ...gone]);
    expect(app.complaints).toEqual([]);
    expect(await own('begin', 'public, max-age=60')).toEqual(['no-store', ...gone]);
    expect(await own('begin', 'max-age=60')).toEqual(['no-store', ...gone]);
    expect(await own('logout', 'public')).toEqual(['no-store', ...gone]);
    expect(app.complaints).toHaveLength(1);
    expect(app.complaints[0]).toMatch(/"GET \/own" was sent as no-store, although its Cache-Control/);
  });

  it.each(['/not-modified', '/stream', '/failing'])('and Vary are on %s too', async (path) => {
    const { headers } = await (await start(adapter)).ask(path);
    expect(headers['cache-control']).toBe(NOCACHE);
    expect(headers['vary']).toMatch(/\bCookie\b/);
  });

  it("are all of PHP's where the options come from php.ini", async () => {
    const { cache } = fromPhpIni('[Session]\nsession.cache_limiter = nocache\n', { secrets: [SECRET] });
    const headersOf = async (plan: SessionPlan) => {
      const { headers } = await (await start(adapter, plan)).ask('/begun');
      return [headers['cache-control'], headers.expires, headers.pragma, headers.vary];
    };
    const php = [
      'no-store, no-cache, must-revalidate',
      'Thu, 19 Nov 1981 08:52:00 GMT',
      'no-cache',
      'Cookie',
    ];
    expect(await headersOf({ cache })).toEqual(php);
    expect(await headersOf({})).toEqual([NOCACHE, undefined, undefined, 'Cookie']);
  });

  it('are absent where no session was asked for', async () => {
    const { headers } = await (await start(adapter)).ask('/none');
    expect(headers['cache-control']).toBeUndefined();
    expect(headers['vary'] ?? '').not.toMatch(/\bCookie\b/);
  });
});

describe.each(ADAPTER_NAMES)('pruning by probability on %s', (adapter) => {
  async function prunesAfter(probability: number): Promise<number> {
    const app = await start(adapter, { prune: { interval: 0, probability, divisor: 1 } });
    const store = app.app.get<SessionStore>(getSessionStoreToken());
    let prunes = 0;
    const pruned = new Promise<void>((resolve) => {
      store.prune = () => {
        prunes++;
        resolve();
        return Promise.resolve(0);
      };
    });
    await app.ask('/none');
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

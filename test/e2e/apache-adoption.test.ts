import { Controller, Get } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CurrentSession,
  memoryStore,
  Session,
  UseSession,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { apache, ApacheEnvelope, dbdStore } from 'nestjs-session-crypto/apache';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET, startApp } from '../support/test-app.js';

const PASSPHRASE = 'a passphrase that is long enough';
const HOUR = 3600;
const httpd = new ApacheEnvelope({ secrets: [PASSPHRASE] });

let app: ScriptApp;
/** Seconds that the store's clock is ahead. */
let ahead = 0;
afterEach(() => {
  ahead = 0;
});

const store = () => memoryStore({ now: () => new Date(Date.now() + 1000 * ahead) });

async function leading(options: Partial<SessionCryptoOptions> = {}, until = Date.now() + 24 * HOUR * 1000) {
  const auth = { name: 'realm', trustUserKey: true };
  const old = apache({
    secrets: [PASSPHRASE],
    cookie: { name: 'session' },
    until: new Date(until),
    auth,
  });
  app = await ScriptApp.start({
    crypto: { secrets: [SECRET], accept: [old] },
    store: store(),
    session: { graceTime: 1 },
    ...options,
  });
}

/** A browser that has a cookie of httpd's. */
function visitor(text: string) {
  const client = app.client();
  client.jar.set('session', text);
  return client;
}

/** An upgrade, which no middleware sees. */
const upgrade = (headers: Record<string, string>) =>
  ({
    headers: { host: '127.0.0.1', ...headers },
    rawHeaders: Object.entries(headers).flat(),
    url: '/',
    socket: { remoteAddress: '127.0.0.1' },
  }) as unknown as IncomingMessage;

describe('a session that came from httpd and has not moved yet', () => {
  it('does not come back once a socket has logged it out, also when all that was left is pruned', async () => {
    await leading();
    const text = await httpd.seal('cart=1');
    const session = await app.sessions.open(upgrade({ cookie: `session=${text}` }));
    session.set('x' as never, 1 as never);
    await session.save();
    await session.logout();
    ahead = 2 * HOUR;
    await app.sessions.prune();
    expect(await visitor(text).result((own) => own.all())).toEqual({});
  });

  it("does not come back once the subject's sessions were revoked", async () => {
    await leading();
    const text = await httpd.seal('realm-user=ada');
    await app.sessions.open(upgrade({ cookie: `session=${text}` }));
    expect(await app.sessions.revokeSubject('ada')).toBe(1);
    ahead = 2 * HOUR;
    await app.sessions.prune();
    expect(await visitor(text).result((own) => own.subject ?? null)).toBeNull();
  });

  it('gets a cookie of ours also where a socket saved it meanwhile', async () => {
    await leading();
    const text = await httpd.seal('cart=1');
    const { cookies } = await visitor(text).run(async () => {
      const session = await app.sessions.open(upgrade({ cookie: `session=${text}` }));
      session.set('x' as never, 1 as never);
      await session.save();
    });
    expect(cookies.some((line) => line.startsWith('sid='))).toBe(true);
  });

  it('is taken where `until` is further away than a frame can say', async () => {
    await leading({}, Date.UTC(2200, 0, 1));
    expect(await visitor(await httpd.seal('cart=1')).result((own) => own.get('cart'))).toBe('1');
  });

  it('leaves no row where there was nothing in it', async () => {
    const rows = store();
    await leading({ store: rows });
    const text = await httpd.seal(`expiry=${(Date.now() + HOUR * 1000) * 1000}`);
    await visitor(text).run((own) => void own.all());
    expect(await rows.count()).toBe(0);
  });

  it('is known again however its base64 is spelled', async () => {
    await leading();
    const text = await httpd.seal('cart=1');
    const first = visitor(text);
    await first.run((own) => void own.all());
    await first.run((own) => own.logout());
    ahead = 60;
    for (const spelling of [text.replace(/=+$/, ''), `${text}=`, `${text}%41`, `${text}"x`])
      expect([spelling.length, await visitor(spelling).result((own) => own.all())]).toEqual([
        spelling.length,
        {},
      ]);
  });

  it.each(ADAPTER_NAMES)('is left for other routes by a stricter one on %s', async (adapter) => {
    const old = apache({ secrets: [PASSPHRASE], cookie: { name: 'session' }, until: new Date(2 ** 41) });
    @Controller()
    class CartController {
      @Get('strict')
      @UseSession({ idleTimeout: 60 })
      strict(@CurrentSession() session: Session) {
        return session.all();
      }

      @Get('cart')
      cart(@CurrentSession() session: Session) {
        return session.all();
      }
    }
    const session = { crypto: { secrets: [SECRET], accept: [old] }, store: store() };
    const client = (await startApp({ adapter, session, controllers: [CartController] })).visitor();
    const idleSince = Date.now() - 600_000;
    client.jar.set('session', await httpd.seal(`cart=1&expiry=${(idleSince + 1_440_000) * 1000}`));
    expect((await client.get('/strict')).cookies).toEqual([]);
    expect((await client.get('/cart')).body).toEqual({ cart: '1' });
    expect([...client.jar.keys()]).toEqual(['sid']);
  });

  it('is no way in where ids come in a header alone', async () => {
    await leading({ id: { sources: ['header'] } });
    expect(await visitor(await httpd.seal('cart=1')).result((own) => own.all())).toEqual({});
  });
});

describe('the header for a backend', () => {
  it("is taken out of a socket's upgrade too, as the cookie is, and the session still opens twice", async () => {
    app = await ScriptApp.start({
      crypto: { format: apache({ secrets: [PASSPHRASE], env: true, cookieRemove: true }) },
      cookie: { name: 'session' },
    });
    const cookie = `session=${await httpd.seal('cart=1')}`;
    const request = upgrade({ session: 'realm-user=admin', cookie });
    for (let i = 0; i < 2; i++) {
      const session = await app.sessions.open(request);
      expect(session.get('cart' as never)).toBe('1');
    }
    expect(request.headers).toEqual({ host: '127.0.0.1' });
    expect(request.rawHeaders).toEqual([]);
  });

  it('is dropped outside of the context that has it, since a backend may read the path otherwise', async () => {
    const inner = { format: apache({ secrets: [PASSPHRASE], env: true }) };
    app = await ScriptApp.start({ contexts: [{ path: '/app', crypto: inner, cookie: { name: 'session' } }] });
    const request = upgrade({ session: 'realm-user=admin' });
    await app.sessions.open(request);
    expect(request.headers).toEqual({ host: '127.0.0.1' });
  });
});

it('a table of httpd is asked for keys of its form only: in it a user may have a row of his name', () => {
  const repository = dbdStore().repository({ codec: {} } as never);
  return expect(repository.open('alice')).resolves.toMatchObject({ kind: 'none', reason: 'encoding' });
});

import { describe, expect, it } from 'vitest';
import { cookieStore } from 'nestjs-session-crypto';
import { apache, ApacheEnvelope, type ApacheOptions } from 'nestjs-session-crypto/apache';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { Client, ScriptApp } from '../support/script-app.js';

const SECRET = 'a passphrase that is long enough';
const httpd = new ApacheEnvelope({ secrets: [SECRET] });
const read = async (client: Client) =>
  (await httpd.open(client.jar.get('session') ?? ''))?.plaintext.toString('latin1');

let app: ScriptApp;

describe.each(ADAPTER_NAMES)('on %s, a cookie that httpd shares', (adapter) => {
  const start = async (session = {}, format: Partial<ApacheOptions> = {}) => {
    app = await ScriptApp.start(
      {
        crypto: { format: apache({ secrets: [SECRET], ...format }) },
        cookie: { name: 'session' },
        session,
        store: cookieStore(),
      },
      adapter,
    );
    return app.client();
  };
  const withText = async (text: string) => {
    const client = app.client();
    client.jar.set('session', await httpd.seal(text));
    return client;
  };
  const all = (client: Client) => client.result((session) => session.all());

  it('is begun, read, changed and ended', async () => {
    const client = await start();
    await client.run((session) => session.set('cart', ['a', 1]));
    expect(await read(client)).toMatch(/^cart=%5b%22a%22%2c1%5d&_nsc=[\w-]+&expiry=\d{16}$/);
    expect((await client.run((session) => session.get('cart'))).cookies).toEqual([]);
    await client.run((session) => session.set('cart', []));
    expect(await all(client)).toEqual({ cart: [] });
    const { cookies } = await client.run((session) => session.logout());
    expect(cookies).toEqual([expect.stringMatching(/^session=; Max-Age=0;/)]);
    expect(await all(client)).toEqual({});
  });

  it('is base64 as it is, set once, with the attributes of ours', async () => {
    const client = await start();
    for (let i = 0; i < 8; i++) {
      const { cookies } = await client.run((session) => session.set('n', i));
      expect(cookies).toEqual([
        expect.stringMatching(
          /^session=[A-Za-z0-9+/]+={0,2}; Path=\/; HttpOnly; SameSite=Lax; Priority=High$/,
        ),
      ]);
    }
  });

  it('is not given to visitors without data', async () => {
    const client = await start();
    for (const script of [() => 1, (session: { get(key: string): unknown }) => session.get('n')])
      expect((await client.run(script as never)).cookies).toEqual([]);
    expect((await client.get('/untouched')).cookies).toEqual([]);
  });

  it('keeps its data and changes its id at a login', async () => {
    const client = await start();
    await client.run((session) => session.set('cart', '1'));
    const before = await client.result((session) => session.id);
    await client.run((session) => session.login('ada'));
    const after = await client.result((session) => [session.id, session.subject, session.get('cart')]);
    expect(after).toEqual([expect.any(String), 'ada', '1']);
    expect((after as unknown[])[0]).not.toBe(before);
  });

  it.each(['garbage', 'A'.repeat(64), '%'.repeat(80), '"quoted"', 'A'.repeat(4200)])(
    'that is garbage is nobody, cleared once, and blocks no login',
    async (garbage) => {
      const client = await start();
      client.jar.set('session', garbage);
      const twin = client.copy();
      const { status, cookies, body } = await client.run((session) => session.isNew);
      expect([status, body, cookies.length]).toEqual([201, { result: true }, 1]);
      expect(client.jar.has('session')).toBe(false);
      expect(app.seen()).toEqual(['rejected']);
      const login = await twin.run((session) => session.login('ada'));
      expect([login.status, login.cookies.length]).toEqual([201, 1]);
      expect(await twin.result((session) => session.subject)).toBe('ada');
    },
  );

  it('that is there twice with one value is one; two that open are none', async () => {
    const client = await start();
    const [one, two] = [await httpd.seal('a=1'), await httpd.seal('a=2')];
    const ask = async (cookie: string) => {
      Object.defineProperty(client, 'cookie', { configurable: true, get: () => cookie });
      return all(client);
    };
    client.jar.set('session', one);
    expect(await ask(`session=${one}; session=${one}`)).toEqual({ a: '1' });
    expect(await ask(`session=garbage; session=${two}`)).toEqual({ a: '2' });
    expect(await ask(`session=${one}; session=${two}`)).toEqual({});
    expect(app.seen('ambiguous')).toHaveLength(1);
  });

  it('ends when its own text says so, and is then left alone', async () => {
    await start({ idleTimeout: 0 });
    const now = Math.floor(Date.now() / 1000);
    const client = await withText(`a=1&expiry=${now + 50}000000`);
    expect(await all(client)).toEqual({ a: '1' });
    expect(
      await client.result((session) => [
        Math.round(session.expiresAt.getTime() / 1000) - now,
        session.isOver,
      ]),
    ).toEqual([50, false]);
    app.ahead = 51;
    const { body, cookies } = await client.run((session) => session.all());
    expect([body, cookies]).toEqual([{ result: {} }, []]);
  });

  it('is written anew where the idle clock is due, and ends where nobody comes', async () => {
    await start({ idleTimeout: 1000, touchInterval: 100 });
    const client = app.client();
    await client.run((session) => session.set('a', '1'));
    expect((await client.run((session) => session.get('a'))).cookies).toEqual([]);
    app.ahead = 101;
    expect((await client.run((session) => session.get('a'))).cookies).toHaveLength(1);
    app.ahead = 1050;
    expect(await all(client)).toEqual({ a: '1' });
    app.ahead = 1050 + 1001;
    expect(await all(client)).toEqual({});
  });

  it('that httpd began without an end gets our clocks at first sight, and one id', async () => {
    await start({ idleTimeout: 1000, absoluteTimeout: 5000 });
    const client = await withText('a=1');
    const first = await client.run((session) => session.id);
    expect(first.cookies).toHaveLength(1);
    const second = await client.run((session) => session.id);
    expect([second.body, second.cookies]).toEqual([first.body, []]);
    app.ahead = 1001;
    expect(await all(client)).toEqual({});
  });

  it('that httpd began is left alone where there are no clocks', async () => {
    await start({ idleTimeout: 0, absoluteTimeout: 0, touchInterval: 0 });
    const client = await withText('a=1');
    expect((await client.run((session) => session.get('a'))).cookies).toEqual([]);
  });

  it('that has no room for what is ours can be read all the same', async () => {
    await start();
    const client = await withText(`a=${'x'.repeat(3000)}`);
    const { status, cookies } = await client.run((session) => session.get('a'));
    expect([status, cookies]).toEqual([201, []]);
    expect(app.seen()).toEqual(['touchFailed']);
    expect((await client.run((session) => session.set('b', '1'))).status).toBeGreaterThanOrEqual(400);
    expect(await client.result((session) => session.has('a'))).toBe(true);
  });

  it('that an older passphrase sealed is sealed anew at its next use', async () => {
    await start({}, { secrets: ['a new passphrase that seals', SECRET] });
    const client = await withText('a=1');
    expect((await client.run((session) => session.get('a'))).cookies).toHaveLength(1);
    expect(await read(client)).toBeUndefined();
    expect(await all(client)).toEqual({ a: '1' });
    expect((await client.run((session) => session.get('a'))).cookies).toEqual([]);
  });

  it('that would be too large is an error before anything is sent, with the bytes of each key', async () => {
    const client = await start();
    await client.run((session) => session.set('small', 'x'));
    const before = client.jar.get('session');
    const { status, cookies } = await client.run((session) => session.set('big', 'x'.repeat(4000)));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(cookies).toEqual([]);
    expect(client.jar.get('session')).toBe(before);
    const sizes = await client.result(async (session) => {
      session.set('big', 'x'.repeat(4000));
      const error = await session.save().catch((one: unknown) => one);
      session.delete('big');
      return (error as { bytesByKey: unknown }).bytesByKey;
    });
    expect(sizes).toEqual({ big: 4008, small: 11 });
  });

  it.each(['expiry', 'Expiry', '_nsc', 'CART', 'nul\0'])('refuses the key %j at set', async (key) => {
    const client = await start();
    await client.run((session) => session.set('cart', '1'));
    const code = await client.result((session) => {
      try {
        session.set(key, '1');
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(code).toBe('ERR_SESSION_VALUE');
    expect(await all(client)).toEqual({ cart: '1' });
  });
});

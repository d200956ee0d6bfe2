import { describe, expect, it } from 'vitest';
import { apache, ApacheEnvelope, formLogin, type ApacheOptions } from 'nestjs-session-crypto/apache';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { Client, type Script, ScriptApp } from '../support/script-app.js';

const SECRET = 'a passphrase that is long enough';
const REALM = 'my realm';
const httpd = new ApacheEnvelope({ secrets: [SECRET] });
const login = formLogin(REALM);
const textOf = async (client: Client) =>
  (await httpd.open(client.jar.get('session')!))!.plaintext
    .toString()
    .replace(/&?(?:_nsc|expiry)=[^&]*/g, '');
const ADA = 'my+realm-user=ada&my+realm-pw=right';

let app: ScriptApp;

describe.each(ADAPTER_NAMES)("on %s, the login of httpd's form", (adapter) => {
  const asked: string[] = [];
  const verify = (user: string, password: string) => {
    asked.push(`${user}:${password}`);
    return password === 'right';
  };
  const start = async (auth: ApacheOptions['auth'] | null = { name: REALM, verify }, session = {}) => {
    asked.length = 0;
    app = await ScriptApp.start(
      {
        crypto: { format: apache({ secrets: [SECRET], ...(auth && { auth }) }) },
        cookie: { name: 'session' },
        session,
      },
      adapter,
    );
  };
  const withText = async (text: string) => {
    const client = app.client();
    client.jar.set('session', await httpd.seal(text));
    return client;
  };
  const subject: Script = (session) => session.subject ?? null;
  /** Writes as httpd would: the native entry stays. */
  const rewrite = async (client: Client, from: string | RegExp, to: string) => {
    const text = (await httpd.open(client.jar.get('session')!))!.plaintext.toString();
    expect(text).toMatch(from);
    client.jar.set('session', await httpd.seal(text.replace(from, to)));
  };

  it('counts if the password is right, and is asked at each request', async () => {
    await start();
    const client = await withText(ADA);
    expect([await client.result(subject), await client.result(subject)]).toEqual(['ada', 'ada']);
    expect(asked).toEqual(['ada:right', 'ada:right']);
    expect(await (await withText('my+realm-user=ada&my+realm-pw=wrong')).result(subject)).toBe(null);
  });

  it.each([
    'my+realm-user=ada',
    'my+realm-pw=right',
    'my+realm-user=ada&my+realm-site=0123',
    'MY+realm-user=ada&my+realm-pw=right',
  ])('is none with %s', async (text) => {
    await start();
    expect(await (await withText(text)).result(subject)).toBe(null);
    expect(asked).toEqual([]);
  });

  it('is asked for again after Nest has written the session, so that a new password ends it', async () => {
    await start();
    const client = await withText(ADA);
    await client.run((session) => session.set('cart', '1'));
    expect(await client.result(subject)).toBe('ada');
    expect(asked).toEqual(['ada:right', 'ada:right']);
    await rewrite(client, 'pw=right', 'pw=old');
    expect(await client.result(subject)).toBe(null);
  });

  it('may be verified later; the word true alone counts', async () => {
    await start({ name: REALM, verify: async (_user, password) => Promise.resolve(password === 'right') });
    expect(await (await withText(ADA)).result(subject)).toBe('ada');
    await app.close();
    await start({ name: REALM, verify: (() => 'yes') as never });
    expect(await (await withText(ADA)).result(subject)).toBe(null);
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new Error('secret detail');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret detail'))],
  ])('is 503 where verify %s, and nobody where that is wished', async (_name, failing) => {
    await start({ name: REALM, verify: failing });
    const { status, body } = await (await withText(ADA)).run(subject);
    expect(status).toBe(503);
    expect(JSON.stringify(body)).not.toContain('secret');
    await app.close();
    await start({ name: REALM, verify: failing }, { onStoreDown: 'anonymous' });
    expect(await (await withText(ADA)).result(subject)).toBe(null);
  });

  it('is believed without a password only where that is said', async () => {
    await start({ name: REALM, trustUserKey: true });
    expect(await (await withText('my+realm-user=ada')).result(subject)).toBe('ada');
    await app.close();
    await start(null);
    expect(await (await withText(ADA)).result(subject)).toBe(null);
  });

  it('is written by a login in Nest, without the password and mark of another', async () => {
    await start();
    const client = await withText('cart=1&my+realm-user=bob&my+realm-pw=wrong&my+realm-site=77');
    await client.run((session) => session.login('ada'));
    expect(await textOf(client)).toBe('cart=1&my+realm-user=ada');
    expect(await client.result(subject)).toBe('ada');
    expect(asked).toEqual(['bob:wrong']);
  });

  it('of another user at httpd changes the subject', async () => {
    await start();
    const client = app.client();
    await client.run((session) => session.login('ada'));
    await rewrite(client, 'my+realm-user=ada', 'my+realm-user=bob');
    expect(await client.result(subject)).toBe(null);
    await rewrite(client, 'user=bob', 'user=bob&my+realm-pw=right');
    expect(await client.result(subject)).toBe('bob');
  });

  it('ends in Nest when httpd has ended it', async () => {
    await start();
    const client = app.client();
    await client.run((session) => session.login('ada'));
    await rewrite(client, /&?my\+realm-user=ada&?/, '');
    expect(await client.result(subject)).toBe(null);
  });

  it('that began at httpd ends when its entries are cleared here', async () => {
    await start();
    const client = await withText(`cart=1&${ADA}`);
    await client.run((session) => login.clear(session));
    expect(await textOf(client)).toBe('cart=1');
    expect(await client.result(subject)).toBe(null);
  });

  it('that is written here for another user is theirs', async () => {
    await start();
    const client = app.client();
    await client.run((session) => session.login('ada'));
    await client.run((session) => login.write(session, 'bob', 'right'));
    expect(await client.result((session) => [session.subject, login.read(session)])).toEqual([
      'bob',
      { user: 'bob', password: 'right' },
    ]);
  });

  it('that began in Nest stays through clear() and regenerate()', async () => {
    await start();
    const client = app.client();
    await client.run(async (session) => {
      session.set('cart', '1');
      await session.login('ada');
    });
    await client.run((session) => session.clear());
    expect(await client.result(subject)).toBe('ada');
    await client.run((session) => session.regenerate({ keep: [] }));
    expect(await client.result(subject)).toBe('ada');
    await client.run((session) => session.logout());
    expect(await client.result(subject)).toBe(null);
  });

  it('by a new password in Nest does not need the old one', async () => {
    await start();
    const client = await withText(ADA);
    await client.run((session) => session.login('ada'));
    await rewrite(client, 'pw=right', 'pw=old');
    expect(await client.result(subject)).toBe('ada');
  });
});

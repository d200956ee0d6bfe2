import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ApacheEnvelope,
  DbdStore,
  fromApacheDirectives,
  type FromDirectivesOptions,
} from '../../../../lib/apache/index.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import { ScriptApp } from '../../../support/script-app.js';

const MANUAL = `
Session On
SessionCookieName session path=/
SessionCryptoPassphrase hunter2hunter2hunter2
`;
const SQL = `
DBDPrepareSQL "SELECT value FROM visits WHERE key = %s AND (expiry = 0 OR expiry > %lld)" selectsession
DBDPrepareSQL "insert into visits(value, expiry, key) values(%s, %lld, %s)" insertsession
DBDPrepareSQL "UPDATE visits SET value = %s, expiry = %lld, key = %s WHERE key = %s" updatesession
DBDPrepareSQL "DELETE FROM visits WHERE key = %s" deletesession
`;
const DBD = `DBDriver pgsql\nDBDParams "host=db password=hunter2"\n${SQL}Session On\nSessionCryptoPassphrase hunter2\n`;

const faultsOf = (text: string, options?: FromDirectivesOptions): string[] => {
  try {
    fromApacheDirectives(text, options);
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
};
/** Options that the module takes. */
const taken = (text: string, options?: FromDirectivesOptions) => {
  const given = fromApacheDirectives(text, options);
  resolveOptions(given);
  return given;
};

describe('a source of passphrases that the start cannot read', () => {
  it.each([
    ['SessionCryptoPassphraseFile /nowhere/keys', /cannot be opened/],
    ['SessionCryptoPassphrase exec:/nowhere/program', /the program was not found/],
  ])('is reported with its line: %s', async (line, why) => {
    const text = `Session On\nSessionCookieName session path=/\n${line}\n`;
    const error: unknown = await ScriptApp.start(fromApacheDirectives(text)).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(SessionConfigError);
    const [fault] = (error as SessionConfigError).faults;
    expect(fault!.path).toBe('crypto.format.secrets[0] (directives line 3)');
    expect(fault!.message).toMatch(why);
  });
});

describe('the example of the manual', () => {
  let app: ScriptApp | undefined;
  afterEach(() => app?.close());

  it.each(['express', 'fastify'] as const)(
    'runs on %s, and shares its sessions with httpd',
    async (adapter) => {
      app = await ScriptApp.start(fromApacheDirectives(MANUAL), adapter);
      const httpd = new ApacheEnvelope({ secrets: ['hunter2hunter2hunter2'] });
      const client = app.client();
      client.jar.set('session', await httpd.seal('name=ada&greeting=gr%c3%bc%c3%9fe'));
      expect(await client.result((session) => session.all())).toEqual({ name: 'ada', greeting: 'grüße' });
      const { cookies } = await client.run((session) => session.set('cart', '1'));
      expect(cookies).toEqual([
        expect.stringMatching(/^session=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Priority=High$/),
      ]);
      const text = (await httpd.open(client.jar.get('session')!))!.plaintext.toString();
      expect(text).toMatch(/^name=ada&greeting=gr%c3%bc%c3%9fe&cart=1&_nsc=[\w-]+$/);
    },
  );

  it('shows no passphrase', () => {
    for (const text of [MANUAL, DBD + 'SessionDBDCookieName s path=/']) {
      const options = fromApacheDirectives(text, {
        dataSource: { type: 'postgres', url: 'postgres://u:hunter2@h/d', password: 'hunter2' },
      });
      for (const customInspect of [true, false])
        expect(inspect(options, { depth: 9, showHidden: true, customInspect })).not.toContain('hunter2');
      expect(JSON.stringify(options)).not.toContain('hunter2');
    }
  });
});

describe('directives become options', () => {
  it('of the cookie, with the attributes of ours that it did not ask for', () => {
    const { cookie } = taken(
      MANUAL.replace('path=/', 'path=/app;domain=example.com;SameSite=Strict') + 'SessionMaxAge 600',
    );
    expect(cookie).toEqual({
      name: 'session',
      path: '/app',
      domain: 'example.com',
      sameSite: 'strict',
      lifetime: 600,
    });
  });

  it('of the cookie that a browser keeps for each site that embeds this one', () => {
    const text = MANUAL.replace('path=/', 'path=/;SameSite=None;Secure;Partitioned;Priority=Low');
    expect(taken(text).cookie).toMatchObject({ sameSite: 'none', partitioned: true, priority: 'low' });
  });

  it('of the lifetime of the cookie, of which the last in httpd counts', () => {
    const text = MANUAL.replace('path=/', 'path=/;Max-Age=60');
    expect(taken(text).cookie!.lifetime).toBe(60);
    expect(taken(`${text}SessionMaxAge 600`).cookie!.lifetime).toBe(60);
    expect(taken(`${MANUAL}SessionMaxAge 600`).cookie!.lifetime).toBe(600);
    const off = `${MANUAL}SessionMaxAge 600\nSessionCookieMaxAge Off`;
    expect(taken(off, { rules: 'trunk' }).cookie!.lifetime).toBe(0);
  });

  it('of the clocks', () => {
    expect(taken(MANUAL).session).toMatchObject({
      idleTimeout: 0,
      absoluteTimeout: 0,
      touchInterval: 0,
      enabled: true,
    });
    for (const [text, idleTimeout, touchInterval] of [
      ['SessionMaxAge 600', 600, 300],
      ['SessionMaxAge 600\nSessionExpiryUpdateInterval 60', 600, 60],
      ['SessionMaxAge 600\nSessionExpiryUpdateInterval 9000', 600, 599],
      ['SessionMaxAge 1', 1, 0],
    ] as const)
      expect(taken(`${MANUAL}${text}`).session).toMatchObject({ idleTimeout, touchInterval });
  });

  it('of places that are in and out, by prefix', () => {
    expect(
      taken(`${MANUAL}SessionInclude /app\nSessionInclude /b\nSessionExclude /app/open`).session,
    ).toMatchObject({
      include: ['/app', '/b'],
      exclude: ['/app/open'],
      match: 'prefix',
    });
  });

  it('of the exchange', () => {
    const { format } = taken(`${MANUAL}SessionHeader X-Told\nSessionEnv On\nSessionCookieRemove On`).crypto;
    expect((format as { exchange?: object }).exchange).toMatchObject({
      header: 'x-told',
      env: true,
      cookieRemove: true,
    });
  });

  it('of contexts that share the cookie, where only the clocks differ', () => {
    const { contexts } = taken(`${MANUAL}<Location /admin>\nSessionMaxAge 60\n</Location>`);
    expect(contexts).toHaveLength(1);
    expect(contexts![0]).toMatchObject({
      path: '/admin',
      session: { idleTimeout: 60 },
      cookie: { name: 'session' },
    });
    expect(contexts![0]).not.toHaveProperty('crypto');
    expect(contexts![0]).not.toHaveProperty('store');
  });

  it('of contexts without what only the server says', () => {
    const text =
      MANUAL.replace('path=/', 'path=/;domain=example.com') +
      '<Location /a>\nSessionCookieName other path=/a\n</Location>';
    const [context] = taken(text).contexts!;
    expect({ ...fromApacheDirectives(text).cookie, ...context!.cookie }).toMatchObject({
      name: 'other',
      path: '/a',
      domain: undefined,
    });
  });

  it('of hosts, and of sessions that are off somewhere', () => {
    const { contexts } = taken(
      `${MANUAL}<VirtualHost *:80>\nServerName a.example.com\nServerAlias *.b.example.com\nSession Off\n</VirtualHost>` +
        `\n<VirtualHost *:80>\nServerName c.example.com\nSessionMaxAge 5\n</VirtualHost>`,
    );
    expect(contexts).toEqual([
      { host: ['a.example.com', '*.b.example.com'], session: { enabled: false } },
      expect.objectContaining({ host: ['c.example.com'] }),
    ]);
  });

  it('of sessions that are on at one place alone', () => {
    const { session, contexts } = taken(`<Location /app>${MANUAL}</Location>`);
    expect(session).toMatchObject({ enabled: false });
    expect(contexts).toEqual([
      expect.objectContaining({
        path: '/app',
        session: expect.objectContaining({ enabled: true }) as object,
      }),
    ]);
  });

  it('of the table, by the name in the SQL', () => {
    const { store, crypto } = taken(`${DBD}SessionDBDCookieName sid path=/`);
    expect(store).toBeInstanceOf(DbdStore);
    expect((store as DbdStore).name).toBe('visits');
    expect((store as DbdStore).identify).toBeUndefined();
    expect((crypto.format as { exchange?: object }).exchange).toMatchObject({ cookieRemove: true });
    expect((taken(`${DBD}SessionDBDCookieName sid`, { table: 'mine' }).store as DbdStore).name).toBe('mine');
  });

  it('of sessions by user', () => {
    expect(faultsOf(`${DBD}SessionDBDPerUser On`)).toEqual([
      expect.stringMatching(/^directives line 10: SessionDBDPerUser finds sessions by user/),
    ]);
    const { store } = taken(`${DBD}SessionDBDPerUser On`, { perUser: () => 'ada' });
    expect((store as DbdStore).identify!({} as never)).toBe('ada');
  });

  it('of one store for all places that have the same', () => {
    const { store, contexts } = taken(
      `${DBD}SessionDBDCookieName sid\n<Location /a>\nSessionMaxAge 5\n</Location>`,
    );
    expect(contexts![0]!.store ?? store).toBe(store);
  });
});

describe('what cannot be carried over stops the start, with its line', () => {
  it.each<[string, string, RegExp]>([
    [
      'sessions nowhere',
      'Session Off',
      /^directives line 1: no line switches sessions on; write "Session On"/,
    ],
    ['nothing', '', /^directives line 1: no line switches sessions on; write "Session On"/],
    [
      'another driver',
      `${MANUAL}SessionCryptoDriver commoncrypto`,
      /^directives line 5: SessionCryptoDriver is "commoncrypto"; allowed are openssl, nss$/,
    ],
    [
      'a misspelt driver',
      `${MANUAL}SessionCryptoDriver OpenSSL`,
      /^directives line 5: SessionCryptoDriver is "OpenSSL"; .*; is openssl meant\?$/,
    ],
    ['no engine', `${MANUAL}SessionCryptoDriver openssl engine`, /^directives line 5: .*write engine=value/],
    ['an empty directory', `${MANUAL}SessionCryptoDriver nss dir=`, /^directives line 5: .*write dir=value/],
    ['a flag with a value', `${MANUAL}SessionCryptoDriver nss noinit=1`, /^directives line 5: .*is a flag/],
    ['a parameter of it', `${MANUAL}SessionCryptoDriver openssl dir=x`, /^directives line 5: .*"dir"/],
    [
      'a pattern of hosts',
      `${MANUAL}<VirtualHost *:80>\nServerName a\nServerAlias w?w.a\nSession Off\n</VirtualHost>`,
      /^directives line \d: the host name "w\?w\.a"/,
    ],
    ['a directive that does not exist', `${MANUAL}SessionCryptoDigest sha1`, /^directives line 5: /],
    ['a negative age', `${MANUAL}SessionMaxAge -5`, /^directives line 5: /],
    ['no passphrase', 'Session On\nSessionCookieName s', /^directives line 1: /],
  ])('%s', (_name, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(fault)]);
  });

  it('all faults at once, and no passphrase in them', () => {
    const faults = faultsOf(
      `${MANUAL}SessionMaxAge x\nSessionCryptoCipher hunter\nSessionCryptoPassphrase "hunter2`,
    );
    expect(faults.length).toBeGreaterThanOrEqual(3);
    expect(faults.join()).not.toContain('hunter2');
  });

  it('all parameters of a driver at once', () => {
    expect(faultsOf(`${MANUAL}SessionCryptoDriver nss engine=gost noinit=1 key4=x`)).toEqual([
      'directives line 5: SessionCryptoDriver nss has no parameter "engine"; allowed are dir, key3, cert7, secmod, noinit',
      'directives line 5: SessionCryptoDriver nss: noinit is a flag; write it without a value',
      'directives line 5: SessionCryptoDriver nss has no parameter "key4"; allowed are dir, key3, cert7, secmod, noinit',
    ]);
  });

  it.each(['SessionCryptoDriver openssl', 'SessionCryptoDriver openssl engine=openssl'])(
    'but %s is as it is',
    (line) => {
      expect(faultsOf(MANUAL + line)).toEqual([]);
    },
  );
});

describe('SessionCryptoDriver', () => {
  it.each<[string, object]>([
    ['', {}],
    ['SessionCryptoDriver openssl', { driver: 'openssl' }],
    [
      'SessionCryptoDriver openssl engine=openssl',
      { driver: 'openssl', driverParams: { engine: 'openssl' } },
    ],
    [
      'SessionCryptoDriver openssl engine=/e/gost.so',
      { driver: 'openssl', driverParams: { engine: '/e/gost.so' } },
    ],
    ['SessionCryptoDriver nss noinit', { driver: 'nss', driverParams: { noinit: true } }],
    [
      'SessionCryptoDriver nss "dir=My Certs" key3=k cert7=c secmod=s',
      { driver: 'nss', driverParams: { dir: 'My Certs', key3: 'k', cert7: 'c', secmod: 's' } },
    ],
  ])('%s is %o in crypto', (line, expected) => {
    const { format: _format, ...crypto } = fromApacheDirectives(MANUAL + line).crypto;
    expect(crypto).toEqual(expected);
  });
});

describe("httpd's login", () => {
  const FORM = `${MANUAL}<Location /in>\nAuthType Form\nAuthName "my realm"\n</Location>`;
  const authOf = (options: FromDirectivesOptions) =>
    taken(FORM, options)
      .contexts!.flatMap(
        ({ crypto }) => crypto?.format as never as { audit(path: string): { code: string }[] },
      )
      .flatMap((format) => format?.audit('f') ?? [])
      .map(({ code }) => code);

  it('counts where somebody verifies it, or it is trusted', () => {
    expect(authOf({ verify: () => true })).toContain('apache-password');
    expect(authOf({ trustUserKey: true })).toContain('apache-trusted-user');
    expect(authOf({})).not.toContain('apache-password');
  });
});

describe('the table of mod_session_dbd', () => {
  const optionsOf = (insert: string, options?: FromDirectivesOptions) =>
    placeOf(
      fromApacheDirectives(`${DBD}SessionDBDCookieName s`.replace('insert into visits', insert), options)
        .store,
    );
  const placeOf = (store: unknown) => {
    const { name: table, schema } = store as DbdStore;
    return { table, ...(schema && { schema }) };
  };

  it.each([
    ['insert into Visits', { table: 'visits' }],
    ['insert into app.Visits', { schema: 'app', table: 'visits' }],
    [String.raw`insert into \"Web Sessions\"`, { table: 'Web Sessions' }],
    ['/* ours */ insert into visits', { table: 'visits' }],
  ])('is that of %s', (insert, place) => {
    expect(optionsOf(insert)).toEqual(place);
  });

  it('is that of the option, whatever the statement is', () => {
    expect(optionsOf('select put', { table: 'mine', schema: 'app' })).toEqual({
      schema: 'app',
      table: 'mine',
    });
    expect(optionsOf('insert into visits', { schema: 'app' })).toEqual({ schema: 'app', table: 'visits' });
  });

  it('is a fault where the statement names none', () => {
    expect(faultsOf(`${DBD}SessionDBDCookieName s`.replace('insert into visits', 'select put'))).toEqual([
      'directives line 5: DBDPrepareSQL "insertsession" is no INSERT INTO a table, so the table is unknown; give fromApacheDirectives() the option table',
    ]);
  });
});

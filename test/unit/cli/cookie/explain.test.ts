import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  cookieStore,
  managedRing,
  memoryKeyStore,
  memoryRevocation,
  memoryStore,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';
import { fromExpressSession } from 'nestjs-session-crypto/migrate';
import { readCookies } from '../../../../lib/cli/cookie/cookie-text.js';
import { explainCookie } from '../../../../lib/cli/cookie/explain-cookie.js';
import { withKeysAlone } from '../../../../lib/cli/cookie/open-keys.js';
import { placesOf } from '../../../../lib/cli/cookie/places.js';
import fc from '../../../support/property.js';
import { atPlace, command, configOf, explain, explained, make, OTHER, SECRET } from './support/cookie-cli.js';

const OPTIONS: SessionCryptoOptions = { crypto: { secrets: [SECRET], audience: 'shop.example' } };

/** Returns a text with one character exchanged. */
const changed = (text: string, at: number): string =>
  text.slice(0, at) + (text.at(at) === 'A' ? 'B' : 'A') + text.slice(at + 1 || text.length);

describe('session-crypto cookie explain, of a session in the cookie', () => {
  it('names key, epoch, context, clocks and the limit that ends it, and shows no value', async () => {
    const { header, value, entry } = await make(OPTIONS, { subject: 'alice', age: 7200 });
    const { status, out } = await explain(OPTIONS, header);
    expect(status).toBe(0);
    expect(out).toMatch(/^__Host-sid {2}accepted\n/);
    expect(out).toMatch(/format +sealed session, aes256 \(0x11\), \d+ characters\n/);
    expect(out).toMatch(/key +[0-9a-f]{8}, 1 of 1, seals\nepoch +[0-9a-f]{24}\n/);
    expect(out).toMatch(/sealed for +cookie __Host-sid, audience shop\.example, the base options\n/);
    expect(out).toContain(entry.record.id.toString('base64url'));
    expect(out).toMatch(/logged in +since .*, 2 h ago\n/);
    expect(out).toMatch(/absolute end +2.*\nends +in (?:24 min|23 min 5\d s), by the idle timeout, at /);
    for (const secret of ['alice', 'a secret value', value]) expect(out).not.toContain(secret);
    expect((await explain(OPTIONS, header, '--show-data')).out).toContain('"cart": "a secret value"');
  });

  it('names the absolute timeout where that comes first, and none where there is none', async () => {
    const old = await explained(OPTIONS, (await make(OPTIONS, { age: 28_000 })).header);
    expect(old.first['session']).toMatchObject({ endedBy: 'absolute timeout' });
    const endless = { ...OPTIONS, session: { idleTimeout: 0, absoluteTimeout: 0 } };
    const { first } = await explained(endless, (await make(endless)).header);
    expect(first['session']).not.toHaveProperty('endsAt');
    expect((await explain(endless, (await make(endless)).header)).out).toMatch(/ends +never\n/);
  });

  it('ends with 1 where the session is over', async () => {
    const { first, status } = await explained(OPTIONS, (await make(OPTIONS, { idle: 2000 })).header);
    expect(first).toMatchObject({ verdict: 'ended', reason: 'expired' });
    expect(first.why).toMatch(/^the session ended 9 min 2\d s ago by its idle timeout, at 2/);
    expect(status).toBe(1);
  });

  it('says that an old key has sealed it', async () => {
    const { header } = await make({ crypto: { ...OPTIONS.crypto, secrets: [OTHER] } });
    const rotated = { crypto: { ...OPTIONS.crypto, secrets: [SECRET, OTHER] } };
    const { first, status } = await explained(rotated, header);
    expect(first).toMatchObject({
      verdict: 'accepted',
      reason: 'stale',
      key: { place: 2, of: 2, seals: false },
    });
    expect(status).toBe(0);
  });

  it('names the hint of a key that is not there, and those that are', async () => {
    const { header } = await make({ crypto: { ...OPTIONS.crypto, secrets: [OTHER] } });
    const { status, out } = await explain(OPTIONS, header);
    expect(status).toBe(65);
    expect(out).toMatch(
      /why +the key [0-9a-f]{8} that has sealed it is not in the ring, which has [0-9a-f]{8}\n/,
    );
    expect(out).toMatch(
      /do +if the key was dropped too early, put its secret back at the end of crypto\.secrets/,
    );
    expect(out).toMatch(/key +[0-9a-f]{8}, not in the ring\n/);
  });

  it.each<[string, Partial<SessionCryptoOptions>, RegExp]>([
    [
      'another cookie name',
      { cookie: { name: '__Host-old' } },
      /^it is sealed for the cookie __Host-old, and these options read __Host-sid and sid$/,
    ],
    [
      'another audience',
      { crypto: { secrets: [SECRET] } },
      /^it is sealed for the audience "", and these options have "shop.example"$/,
    ],
    [
      'another store',
      { store: memoryStore() },
      /^it is a session that is kept in a server store \(memory\), and these options keep sessions in the cookie$/,
    ],
  ])('finds out that a cookie comes from %s', async (_, others, why) => {
    const { name, value } = await make({ ...OPTIONS, ...others });
    const { first, status } = await explained(OPTIONS, `Cookie: ${name}=${value}`);
    expect(first).toMatchObject({ verdict: 'refused', reason: 'context' });
    expect(first.why).toMatch(why);
    expect(status).toBe(65);
  });

  it('finds out that a value has come under the name of another cookie', async () => {
    const { value } = await make(OPTIONS, {}, 1);
    const { first } = await explained(OPTIONS, `__Host-sid=${value}`);
    expect(first.why).toBe('it is sealed for the cookie sid, and came as the cookie __Host-sid');
    expect(first['context']).toMatchObject({ name: 'sid', options: 'the base options' });
  });

  it('tries names, audiences and tenants that the operator passes', async () => {
    const { value } = await make({ crypto: { secrets: [SECRET], audience: 'elsewhere', tenant: 't' } });
    expect((await explained(OPTIONS, value)).first.reason).toBe('tag');
    const { first } = await explained(OPTIONS, value, '--audience', 'elsewhere', '--tenant', 't');
    expect(first.why).toContain('it is sealed for the audience "elsewhere"');
  });

  it('says which context of the options opens it', async () => {
    const options: SessionCryptoOptions = {
      ...OPTIONS,
      contexts: [
        {
          path: '/admin',
          cookie: { name: '__Secure-admin', path: '/admin' },
          crypto: { ...OPTIONS.crypto, audience: 'admin' },
        },
      ],
    };
    const { header } = await make(options, {}, 2);
    expect((await explain(options, header)).out).toMatch(
      /sealed for +cookie __Secure-admin, audience admin, contexts\[0\] \(path \/admin\)\n/,
    );
  });

  it.each([
    ['its epoch', 10, 'commitment', /^the ring has a key of this hint, and the key has not made this value/],
    ['its text', 120, 'tag', /^the key fits, and the tag does not: bytes were changed, the end is cut off/],
  ])('says that %s was changed', async (_, at, reason, why) => {
    const { value } = await make(OPTIONS);
    const { first, status } = await explained(OPTIONS, changed(value, at));
    expect(first.reason).toBe(reason);
    expect(first.why).toMatch(why);
    expect(status).toBe(65);
  });

  it.each<[string, (value: string) => string, RegExp]>([
    [
      'half of it',
      (value) => value.slice(0, 80),
      /^this is half a cookie: the value has 80 characters, and a sealed session has at least 103$/,
    ],
    [
      'what a cut in a byte has left',
      (value) => `${value.slice(0, 80)}Z`,
      /^this is half a cookie: the value has 81 characters/,
    ],
    ['its start', (value) => value.slice(0, 20), /^this is half a cookie: the value has 20 characters/],
    [
      'the value in base64 with padding',
      (value) => `${value}=`,
      /padding at the end: .*; without that it has the form of a cookie of this package$/,
    ],
    [
      'the value with a percent sign',
      (value) => value.replace(/^./, (c) => `%${c.charCodeAt(0).toString(16)}`),
      /percent-encoded characters/,
    ],
    [
      'the value with dots',
      (value) => `${value.slice(0, 30)}...`,
      /whoever has shown the value has shortened it/,
    ],
  ])('says what is wrong with %s', async (_, damage, why) => {
    const { value } = await make(OPTIONS);
    const { first, status } = await explained(OPTIONS, damage(value));
    expect(first.verdict).toBe('refused');
    expect(first.why).toMatch(why);
    expect(status).toBe(65);
  });

  it('takes a value that a mail has broken into lines', async () => {
    const { value } = await make(OPTIONS);
    expect((await explained(OPTIONS, `${value.slice(0, 70)}\n${value.slice(70)}\n`)).first.verdict).toBe(
      'accepted',
    );
  });

  it('says that the key of a managed ring was revoked', async () => {
    const ring = managedRing({ store: memoryKeyStore() });
    const options: SessionCryptoOptions = { crypto: { ...OPTIONS.crypto, ring } };
    const { header } = await make(options);
    expect((await explained(options, header)).first.reason).toBe('live');
    await command(['keys', 'revoke', '1', '--config', configOf(options)]);
    const { first, status } = await explained(options, header);
    expect(first.why).toMatch(/^the key [0-9a-f]{8} of the managed ring is revoked since 2/);
    expect(first).toMatchObject({ reason: 'unknown-key', key: { state: 'revoked' } });
    expect(status).toBe(65);
  });

  it('takes UTF-8 that begins with a mark of Windows, and names UTF-16', async () => {
    const { value } = await make(OPTIONS);
    expect((await explained(OPTIONS, `\ufeff__Host-sid=${value}\r\n`)).first.verdict).toBe('accepted');
    for (const text of ['sid=abc', '\ufeffsid=abc']) {
      const { status, err } = await explain(OPTIONS, Buffer.from(text, 'utf16le'));
      expect([status, err]).toEqual([65, expect.stringContaining('UTF-16')]);
    }
  });

  it('names a cipher that is not accepted', async () => {
    const { header } = await make({ crypto: { ...OPTIONS.crypto, cipher: 'chacha20' } });
    expect((await explained(OPTIONS, header)).first.why).toBe(
      'it is sealed with chacha20, and these options open aes256',
    );
  });

  it('says that a line removes the cookie', async () => {
    const { first } = await explained(OPTIONS, 'Set-Cookie: __Host-sid=; Max-Age=0; Path=/; Secure');
    expect(first.why).toMatch(/^this line removes the cookie from the browser; the value is empty/);
  });
});

describe('session-crypto cookie explain, of sessions in cookies that can be ended', () => {
  const options = (): SessionCryptoOptions => ({
    ...OPTIONS,
    session: { graceTime: 0 },
    store: cookieStore({ revocation: memoryRevocation({ generations: true }) }),
  });

  it('says that a mark ends it, and that an older generation is a replay', async () => {
    const given = options();
    const { header, entry } = await make(given);
    const newest = await atPlace(given, async ({ endpoint: { repository, cookie } }) => {
      let next = entry;
      for (let i = 0; i < 10; i++) next = (await repository.replace(next, next.record))!; // more than marks remember
      return `${cookie.name}=${repository.cookieValue(next)}`;
    });
    expect((await explained(given, newest)).first.reason).toBe('live');
    const { first, status } = await explained(given, header);
    expect(first).toMatchObject({ verdict: 'ended', reason: 'replayed' });
    expect(status).toBe(1);
    const other = await make(given);
    await atPlace(given, async ({ endpoint: { repository } }) => repository.end(other.entry));
    expect((await explained(given, other.header)).first).toMatchObject({
      verdict: 'ended',
      reason: 'revoked',
    });
  });
});

describe('session-crypto cookie explain, of what is not ours', () => {
  const jwt = ['{"alg":"HS256"}', '{"sub":"1"}', 'sig']
    .map((one) => Buffer.from(one).toString('base64url'))
    .join('.');
  const json = Buffer.from('{"a":1}').toString('base64');
  it.each([
    ['connect.sid=s%3AabcDEF.aGVsbG8', 'a signed cookie of express-session or cookie-parser'],
    ['prefs=j%3A%7B%7D', 'a JSON cookie of cookie-parser'],
    [`session=${json}`, 'a cookie of cookie-session'],
    ['session.sig=4aGVsbG8aGVsbG8aGVsbG8aGVsbG', 'the signature of a cookie of cookie-session (Keygrip)'],
    ['iron=Fe26.2*1*ab*cd*ef**gh*ij', 'a seal of iron-session (Fe26.2)'],
    [`session=${'A'.repeat(40)}%3B${'B'.repeat(32)}`, 'a cookie of @fastify/secure-session'],
    [`token=${jwt}`, 'a JSON Web Token (JWT)'],
    [`token=${jwt}.${jwt.split('.')[0]}.x`, 'an encrypted JSON Web Token (JWE)'],
    ['PHPSESSID=q3k4v5l6m7n8o9p0a1b2c3d4e5', 'a session of PHP'],
    ['sid=q3k4v5l6m7n8o9p0a1b2c3d4e5', 'a random id, as PHP and many others have it'],
    ['session=expiry=1767225600000000&user=a', "a readable session of httpd's mod_session_cookie"],
    ['laravel_session=eyJpdiI6IkFB', 'a cookie of Laravel'],
    ['.AspNetCore.Session=CfDJ8abc', 'a cookie of ASP.NET Core (Data Protection)'],
  ])('recognises %s', async (cookie, what) => {
    const { first, status } = await explained(OPTIONS, cookie);
    expect(first.why).toContain(`this is ${what}`);
    expect(first.verdict).toBe('foreign');
    expect(status).toBe(65);
  });

  it("recognises a session of httpd's mod_session_crypto, and opens it by options that share it", async () => {
    const shared: SessionCryptoOptions = {
      crypto: { format: apache({ secrets: ['a passphrase that is long enough'] }) },
      cookie: { name: 'session' },
    };
    const { header, value } = await make(shared);
    expect((await explained(OPTIONS, value)).first.why).toBe(
      "this is a session of httpd's mod_session_crypto",
    );
    const { first, status } = await explained(shared, header);
    expect([first.verdict, status]).toEqual(['accepted', 0]);
    const damaged = await explained(shared, `session=${changed(value, 20)}`);
    expect(damaged.first.why).toMatch(/^no passphrase of these options opens it/);
  });

  it('knows a cookie that is taken over', async () => {
    const until = new Date(Date.now() + 86_400_000);
    const store = {
      get: (_: string, done: (error: unknown, found: unknown) => void) => done(null, null),
      destroy() {},
    };
    const options: SessionCryptoOptions = {
      crypto: {
        ...OPTIONS.crypto,
        accept: [fromExpressSession({ secret: 'keyboard cat', store: store as never, until })],
      },
    };
    const signed = createHmac('sha256', 'keyboard cat').update('an-id').digest('base64').replaceAll('=', '');
    const cookie = (signature: string) => `connect.sid=${encodeURIComponent(`s:an-id.${signature}`)}`;
    const { first, status } = await explained(options, cookie(signed));
    expect([first.reason, status]).toEqual(['migrates', 0]);
    const forged = await explained(options, cookie(changed(signed, 3)));
    expect(forged.first.why).toBe('express-session has not made it with the secrets of crypto.accept (tag)');
  });

  it.each<[string, string | Uint8Array, number, RegExp]>([
    [
      'nothing',
      '',
      66,
      /^session-crypto: standard input is empty; pass a Cookie header, a Set-Cookie line or the value of a cookie to it\n$/,
    ],
    ['blanks', ' \n\t\n', 66, /standard input is empty/],
    [
      'a megabyte',
      'a'.repeat(1_048_576),
      65,
      /^session-crypto: standard input has more than 65536 bytes; pass a Cookie header/,
    ],
    [
      'a thousand cookies',
      'a=b; '.repeat(1000),
      65,
      /standard input has more than 200 cookies, which no request has/,
    ],
  ])('refuses %s in one sentence', async (_, input, status, said) => {
    const result = await explain(OPTIONS, input);
    expect(result.err).toMatch(said);
    expect(result.err.split('\n')).toHaveLength(2);
    expect([result.status, result.out]).toEqual([status, '']);
  });

  it('prints no control character of what it was given', async () => {
    const { out } = await explain(OPTIONS, Buffer.from('\u001b[31mevil\u009b=\u202eabc\u0007'));
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('has an answer to whatever is pasted', async () => {
    const { value } = await make(OPTIONS);
    const any = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .tuple(fc.nat(value.length), fc.string({ maxLength: 3 }))
        .map(([at, text]) => value.slice(0, at) + text),
      fc.uint8Array({ minLength: 5, maxLength: 120 }).map((bytes) => {
        bytes[0] = [0x11, 0x12, 0x13, 0x81][bytes[0]! % 4]!;
        return Buffer.from(bytes).toString('base64url');
      }),
    );
    await withKeysAlone(OPTIONS, (manager) =>
      fc.assert(
        fc.asyncProperty(any, fc.constantFrom(undefined, '__Host-sid', 'x'), async (pasted, name) => {
          const cookies = readCookies(name === undefined ? pasted : `${name}=${pasted}`);
          for (const cookie of cookies) {
            const { verdict, why } = await explainCookie(placesOf(manager), cookie, cookies);
            expect(why).not.toContain(value);
            if (verdict === 'accepted') expect(cookie.value).toBe(value);
          }
        }),
        { numRuns: 500 },
      ),
    );
  });

  it('looks at the cookies of the application alone, whatever comes with them', async () => {
    const { name, value } = await make(OPTIONS);
    const { cookies, others } = await explained(OPTIONS, `> Cookie: a=1; ${name}=${value}; b=2`);
    expect(cookies.map((one) => one['name'])).toEqual([name]);
    expect(others).toBe(2);
  });

  it('says that cookies of one name with different sessions count for none', async () => {
    const [one, other] = [await make(OPTIONS), await make(OPTIONS)];
    const twice = `Cookie: ${one.name}=${one.value}; ${one.name}=${one.value}`;
    expect((await explained(OPTIONS, twice)).cookies.map(({ reason }) => reason)).toEqual(['live']);
    const both = await explained(OPTIONS, `Cookie: ${one.name}=${one.value}; ${other.name}=${other.value}`);
    expect(both.cookies.map(({ reason }) => reason)).toEqual(['ambiguous', 'ambiguous']);
    expect(both.status).toBe(65);
  });

  it('reads the Set-Cookie lines of a whole response', async () => {
    const { name, value } = await make(OPTIONS);
    const head = `HTTP/1.1 200 OK\r\nDate: now\r\nSet-Cookie: ${name}=${value}; Path=/; Secure\r\nset-cookie: a=b\r\n\r\n<p>x`;
    const { cookies, others } = await explained(OPTIONS, head);
    expect(cookies.map(({ verdict }) => verdict)).toEqual(['accepted']);
    expect(others).toBe(1);
  });
});

describe('session-crypto cookie explain, where the store is down', () => {
  it('says that it is the database and not the cookie', async () => {
    const options: SessionCryptoOptions = { ...OPTIONS, store: memoryStore() };
    const { header } = await make(options);
    const refused = Object.assign(new Error('password hunter2'), { code: 'ECONNREFUSED' });
    const down = Object.assign(memoryStore(), { load: () => Promise.reject(refused) });
    const { status, out, err } = await explain({ ...options, store: down }, header);
    expect(out).toMatch(/^__Host-sid {2}unknown\n/);
    expect(out).toContain('the cookie is authentic, and the store does not answer (ECONNREFUSED)');
    expect(status).toBe(69);
    expect(out + err).not.toContain('hunter2');
    const closed = Object.assign(memoryStore(), { open: () => Promise.reject(refused) });
    const atStart = await explain({ ...options, store: closed }, header);
    expect(atStart.out).toContain('the store does not answer (ECONNREFUSED)');
    expect(atStart.status).toBe(69);
  });
});

describe('session-crypto cookie open', () => {
  const open = (input: string) => command(['cookie', 'open', '--config', configOf(OPTIONS)], input);

  it('prints the session as JSON', async () => {
    const { header } = await make(OPTIONS, { subject: 'alice', data: { note: '\u001b[31m\u009b' } });
    const { status, out } = await open(header);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      subject: 'alice',
      data: { note: '\u001b[31m\u009b' },
      loggedIn: true,
    });
    expect(out).not.toContain('\u009b');
  });

  it('ends with 65 and one sentence where nothing opens', async () => {
    const { value } = await make(OPTIONS, { idle: 9999 });
    for (const input of [value, changed(value, 120), 'abc', 'connect.sid=s%3Aa.b']) {
      const { status, out, err } = await open(input);
      expect([status, out]).toEqual([65, '']);
      expect(err).toMatch(/^session-crypto: [^\n]+\n$/);
    }
  });
});

describe('session-crypto cookie seal', () => {
  const seal = (input: string, ...args: string[]) =>
    command(['cookie', 'seal', '--config', configOf(OPTIONS), ...args], input);

  it('makes a cookie that opens', async () => {
    const { out, status } = await seal('{"subject":"42","data":{"a":[1]}}');
    expect(status).toBe(0);
    expect(out).toMatch(/^__Host-sid=[\w-]{103,}; Path=\/; Secure; HttpOnly; SameSite=Lax; Priority=High\n$/);
    const value = await seal('{"subject":"42"}', '--plain', '--value');
    expect(value.out).toMatch(/^[\w-]{103,}\n$/);
    const opened = await command(['cookie', 'open', '--config', configOf(OPTIONS)], `sid=${value.out}`);
    expect(JSON.parse(opened.out)).toMatchObject({ subject: '42' });
  });

  it('warns a person at a terminal', async () => {
    const args = ['cookie', 'seal', '--config', configOf(OPTIONS)];
    const { err } = await command(args, '{"subject":"42"}', { interactive: true });
    expect(err).toContain('treat it as a password');
  });

  it.each<[string, string, string[], number, RegExp]>([
    ['no JSON', 'subject=42', [], 65, /is no JSON object/],
    ['a number as subject', '{"subject":42}', [], 65, /"subject" is no text; write it in quotes/],
    [
      'another member',
      '{"subjet":"42"}',
      [],
      65,
      /has the member "subjet"; allowed are subject and data; is "subject" meant\?/,
    ],
    ['a list as data', '{"data":[]}', [], 65, /"data" is no object/],
    ['an empty session', '{}', [], 65, /an empty session is never stored/],
    [
      'more than a cookie holds',
      JSON.stringify({ data: { a: 'x'.repeat(5000) } }),
      [],
      65,
      /the session needs \d+ bytes, but only \d+ bytes are allowed\. .* "a" 5006; store less, or use a server store\n/,
    ],
    ['a key of a prototype', '{"data":{"__proto__":{}}}', [], 65, /is no JSON object/],
    [
      'an unknown context',
      '{"subject":"42"}',
      ['--context', '7'],
      64,
      /--context is "7", and the options have 0 contexts/,
    ],
    [
      'a row for a cookie store',
      '{"subject":"42"}',
      ['--create'],
      64,
      /--create is for stores on the server/,
    ],
  ])('refuses %s', async (_, input, args, status, said) => {
    const result = await seal(input, ...args);
    expect(result.err).toMatch(said);
    expect([result.status, result.out]).toEqual([status, '']);
  });
});

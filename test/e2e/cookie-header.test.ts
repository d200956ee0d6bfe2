import { Controller, Get } from '@nestjs/common';
import fc from '../support/property.js';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  Session,
  type CookieStore,
  type SessionStore,
} from 'nestjs-session-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { Open } from './support/gate-guarded.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { askRaw, cookieOf } from '../support/ask.js';
import { startApp, TestApp } from '../support/test-app.js';

@Controller()
class Begin {
  @Get('begin')
  begin(@CurrentSession() session: Session) {
    session.set('begun', true);
    return 'begun';
  }
}

type AnyStore = CookieStore | SessionStore;

const launchWith = (adapter: AdapterName, store: AnyStore) =>
  startApp({ adapter, session: { store }, controllers: [Begin, Open] });

const TABLE = ADAPTER_NAMES.flatMap((adapter) => [
  { adapter, kind: 'cookieStore', make: (): AnyStore => cookieStore({ acceptReplay: true }) },
  { adapter, kind: 'memoryStore', make: (): AnyStore => memoryStore() },
]);

const RUNS = 300;
const LONGEST = 12 * 1024;

/** Every byte that does not end a header line. */
const byte = fc
  .integer({ min: 1, max: 255 })
  .filter((code) => code !== 10 && code !== 13)
  .map((code) => String.fromCharCode(code));
const bytes = (maxLength: number) => fc.string({ unit: byte, maxLength });
/** Bytes that a cookie's value may have, so that the HTTP parser lets them through. */
const octet = fc.integer({ min: 0x21, max: 0xff }).filter((code) => code !== 0x3b && code !== 0x7f);
const octets = (maxLength: number) =>
  fc.string({ unit: octet.map((code) => String.fromCharCode(code)), maxLength });

/** Values that are nearly a session of ours. */
const damaged = (value: string) => {
  const at = fc.nat({ max: value.length - 1 });
  return fc.oneof(
    at.map((length) => value.slice(0, length)),
    at.map((from) => value.slice(from + 1)),
    fc.tuple(at, octets(4)).map(([index, put]) => value.slice(0, index) + put + value.slice(index + 1)),
    fc.tuple(at, octets(40)).map(([index, put]) => value.slice(0, index) + put + value.slice(index)),
    at.map((index) => `${value.slice(0, index)}A${value.slice(index)}`),
  );
};

const cookieHeader = (value: string) => {
  const ourValue = fc.oneof(
    octets(200),
    fc.nat({ max: LONGEST - 100 }).map((length) => 'A'.repeat(length)),
    damaged(value),
  );
  const pair = fc.oneof(
    ourValue.map((ours) => `sid=${ours}`),
    fc.tuple(octets(10), octets(40)).map(([name, other]) => `${name}=${other}`),
    octets(30),
  );
  const list = fc.array(pair, { maxLength: 8 }).map((pairs) => pairs.join('; '));
  return fc
    .oneof({ weight: 1, arbitrary: bytes(400) }, { weight: 3, arbitrary: list })
    .map((header) => header.slice(0, LONGEST))
    .filter((header) => !header.includes(value));
};

describe.each(TABLE)('any Cookie header on $adapter with $kind', ({ adapter, make }) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await launchWith(adapter, make());
  });

  it('never fails the server, and is never taken for a session', async () => {
    const value = cookieOf(await app.ask('/begin')).slice('sid='.length);
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(cookieHeader(value), async (header) => {
        const answer = await askRaw(
          app.url,
          `GET /look HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${header}\r\n\r\n`,
        );
        const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
        expect([200, 400]).toContain(status);
        if (status === 400) return;
        passed++;
        expect(answer).toMatch(/\{"isNew":true,"keys":\[\]\}/);
        expect(answer.match(/^set-cookie:/gim)?.length ?? 0).toBeLessThanOrEqual(1);
        expect(answer).not.toMatch(/^set-cookie: sid=[^;\r]/im);
      }),
      { numRuns: RUNS },
    );
    expect(passed).toBeGreaterThan(RUNS / 3);
  });

  const look = (cookie: string, path = '/look') => app.ask(path, { headers: { cookie } });
  const DELETION =
    'sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax; Priority=High';

  it('is answered with a deletion when it holds bytes that are not ours', async () => {
    expect((await look('sid=stranger')).cookies).toEqual([DELETION]);
    expect((await look('a=b; sid=; c=d')).cookies).toEqual([DELETION]);
  });

  it('is left alone until somebody asks for the session', async () => {
    expect((await look('sid=stranger', '/untouched')).cookies).toEqual([]);
  });

  it('is answered with the new cookie alone when a session begins', async () => {
    const answer = await look('sid=stranger', '/begin');
    expect(answer.cookies).toHaveLength(1);
    expect(cookieOf(answer)).toMatch(/^sid=.{50,}$/);
  });

  it.each(['stranger=a', 'SID=a', 'xsid=a', 'sidx=a', 'sid', '"sid"=a', '__Host-sid=a'])(
    'does not hold our cookie: %s',
    async (cookie) => {
      expect((await look(cookie)).cookies).toEqual([]);
    },
  );

  it.each([0xa0, 0x0b, 0x0c].map((code) => ({ code, name: code.toString(16) })))(
    'does not hold our cookie where its name begins with the byte $name (RFC 6265bis: only blanks and tabs go)',
    async ({ code }) => {
      const value = cookieOf(await app.ask('/begin'));
      const answer = await askRaw(
        app.url,
        `GET /look HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${String.fromCharCode(code)}${value}\r\n\r\n`,
      );
      expect(answer).not.toContain('"isNew":false');
    },
  );

  it('gives the session when one of two cookies opens', async () => {
    const cookie = cookieOf(await app.ask('/begin'));
    for (const both of [`${cookie}; sid=stranger`, `sid=stranger; ${cookie}`]) {
      const answer = await look(both);
      expect(answer.body).toEqual({ isNew: false, keys: ['begun'] });
      expect(answer.cookies).toEqual([]);
    }
  });

  it('gives nobody, clears nothing and says so when two cookies open', async () => {
    const first = cookieOf(await app.ask('/begin'));
    const second = cookieOf(await app.ask('/begin'));
    const told = app.nextEvent('ambiguous');
    const answer = await look(`${first}; ${second}`);
    expect(answer.body).toEqual({ isNew: true, keys: [] });
    expect(answer.cookies).toEqual([]);
    expect(await told).toEqual({ session: 'default', cookies: 2 });
  });

  it('clears nothing when none of two cookies opens, since one line could not say which', async () => {
    const answer = await look('sid=stranger; sid=other');
    expect(answer.body).toEqual({ isNew: true, keys: [] });
    expect(answer.cookies).toEqual([]);
  });
});

describe.each(ADAPTER_NAMES)('an authentic cookie on %s', (adapter) => {
  it('is left alone when its session has expired', async () => {
    let now = Date.now();
    const app = await launchWith(adapter, memoryStore({ now: () => new Date(now) }));
    const cookie = cookieOf(await app.ask('/begin'));
    now += 30 * 60 * 1000;
    const answer = await app.ask('/look', { headers: { cookie } });
    expect(answer.body).toEqual({ isNew: true, keys: [] });
    expect(answer.cookies).toEqual([]);
  });

  it('is left alone when its session is absent', async () => {
    const before = await launchWith(adapter, memoryStore());
    const cookie = cookieOf(await before.ask('/begin'));
    await before.close();
    const app = await launchWith(adapter, memoryStore());
    const answer = await app.ask('/look', { headers: { cookie } });
    expect(answer.body).toEqual({ isNew: true, keys: [] });
    expect(answer.cookies).toEqual([]);
  });

  it('is opened with all others before any is judged, if there are four', async () => {
    const store = new RecordingStore();
    const app = await launchWith(adapter, store);
    const begun = await Promise.all(Array.from({ length: 4 }, () => app.ask('/begin')));
    store.log.length = 0;
    await app.ask('/look', { headers: { cookie: begun.map((one) => cookieOf(one)).join('; ') } });
    expect(store.log).toEqual(['load', 'load', 'load', 'load']);
  });

  it('costs the store nothing when it is one of more than four', async () => {
    const store = new RecordingStore();
    const app = await launchWith(adapter, store);
    const begun = await Promise.all(Array.from({ length: 5 }, () => app.ask('/begin')));
    store.log.length = 0;
    await app.ask('/look', { headers: { cookie: begun.map((one) => cookieOf(one)).join('; ') } });
    expect(store.log).toEqual([]);
  });

  it('costs the store nothing when it is forged', async () => {
    const store = new RecordingStore();
    const app = await launchWith(adapter, store);
    const cookie = cookieOf(await app.ask('/begin'));
    store.log.length = 0;
    await app.ask('/look', { headers: { cookie: `sid=${'A'.repeat(cookie.length - 4)}` } });
    const { reason } = await rejected(app, `sid=${flip(cookie.slice(4))}`);
    expect(reason).toBe('tag');
    expect(store.log).toEqual([]);
  });
});

/** The event of a cookie that is not accepted. */
async function rejected(app: TestApp, cookie: string) {
  const told = app.nextEvent('rejected');
  await app.ask('/look', { headers: { cookie } });
  return told;
}

/** Another letter in the middle. */
const flip = (value: string) => value.slice(0, 30) + (value[30] === 'A' ? 'B' : 'A') + value.slice(31);

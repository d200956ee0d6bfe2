import cookieSession from 'cookie-session';
import express from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromCookieSession, fromExpressSession } from 'nestjs-session-crypto/migrate';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

const KEYS = ['the key of the old application'];
const until = () => new Date(Date.now() + 3_600_000);
const format = () =>
  fromCookieSession({ keys: KEYS, until: until(), subjectFrom: (data) => data['passport']?.user });

/** The cookies of cookie-session for data. They hold nothing but the data, so all visitors with equal data have equal ones. */
const cookiesOf: Record<'anonymous' | 'ada', Map<string, string>> = { anonymous: new Map(), ada: new Map() };

beforeAll(async () => {
  const old = express();
  old.use(cookieSession({ keys: KEYS }));
  old.get('/anonymous', (request, response) => {
    Object.assign(request.session!, { lang: 'de' });
    response.end();
  });
  old.get('/ada', (request, response) => {
    Object.assign(request.session!, { passport: { user: 'ada' } });
    response.end();
  });
  const server = old.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  for (const [who, cookies] of Object.entries(cookiesOf)) {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${who}`);
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      cookies.set(name!, value!);
    }
  }
});

describe.each(ADAPTER_NAMES)('Visitors with equal cookies of cookie-session, on %s', (adapter) => {
  const start = (more: Partial<SessionCryptoOptions> = {}) =>
    ScriptApp.start(
      { crypto: { secrets: [SECRET], accept: [format()] }, store: memoryStore(), ...more },
      adapter,
    );
  const visitor = (app: ScriptApp, who: keyof typeof cookiesOf): Client => {
    const client = app.client();
    for (const [name, value] of cookiesOf[who]) client.jar.set(name, value);
    return client;
  };
  const all = (client: Client) => client.result((session) => session.all());

  it('have a session each, whoever they become in it', async () => {
    const app = await start();
    const [one, two, three] = [
      visitor(app, 'anonymous'),
      visitor(app, 'anonymous'),
      visitor(app, 'anonymous'),
    ];
    await one.run((session) => session.set('userId', 1));
    expect(await all(two)).toEqual({ lang: 'de' });
    app.ahead = 900;
    expect(await all(three)).toEqual({ lang: 'de' });
    expect(await all(one)).toEqual({ lang: 'de', userId: 1 });
    const ids = await Promise.all([one, two, three].map((client) => client.result((session) => session.id)));
    expect(new Set(ids).size).toBe(3);
    expect(app.seen('reused')).toEqual([]);
    expect(app.seen('migrated').map(({ replayable }) => replayable)).toEqual([true, true, true]);
  });

  it('raise no alarm of theft if they are one user with two browsers', async () => {
    const app = await start({ session: { onReuse: 'end' } });
    const [phone, laptop] = [visitor(app, 'ada'), visitor(app, 'ada')];
    const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);
    expect(await subjectOf(phone)).toBe('ada');
    app.ahead = 900;
    expect(await subjectOf(laptop)).toBeNull();
    expect(await subjectOf(phone)).toBe('ada');
    expect(app.seen('reused')).toEqual([]);
  });
});

describe.each(ADAPTER_NAMES)('A visitor with a dead cookie of one old application, on %s', (adapter) => {
  it('is known by the cookie of the other one', async () => {
    const old = fromExpressSession({
      secret: 'the secret of another old application',
      store: {
        get: (_: string, done: (error: null, found: null) => void) => done(null, null),
        destroy: () => undefined,
      },
      until: until(),
    });
    const crypto = { secrets: [SECRET], accept: [old, format()] };
    const app = await ScriptApp.start({ crypto, store: memoryStore() }, adapter);
    const client = app.client();
    for (const [name, value] of cookiesOf.ada) client.jar.set(name, value);
    client.jar.set('connect.sid', `s%3A${'a'.repeat(32)}.${'b'.repeat(43)}`);
    expect(await client.result((session) => session.subject ?? null)).toBe('ada');
    expect(app.seen('rejected')).toMatchObject([{ reason: 'tag' }]);
  });
});

import http from 'node:http';
import { SessionConfigError, type Session } from 'nestjs-session-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { SERVER_STORES } from '../support/stores.js';

type Loose = Session<Record<string, unknown>>;

/** Sends a real handshake and gives the request that arrives; nobody answers it. */
function handshake(app: ScriptApp, headers: http.OutgoingHttpHeaders): Promise<http.IncomingMessage> {
  const server = app.app.getHttpServer() as http.Server;
  return new Promise((resolve, reject) => {
    server.once('upgrade', (request, socket) => {
      resolve(request);
      socket.destroy();
    });
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    const request = http.get(app.url, { headers: { ...headers, ...upgrade } });
    request.on('error', () => undefined).on('response', () => reject(new Error('no upgrade')));
  });
}

const codeIs = (code: string): unknown => expect.objectContaining({ code });

describe.each(ADAPTER_NAMES)('session.reload() on %s', (adapter) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  describe.each(SERVER_STORES)('with the %s store', (_, store) => {
    let app: ScriptApp;
    let client: Client;

    beforeAll(async () => {
      app = await ScriptApp.start({ store: store(database) }, adapter);
    });

    const begin = async () => {
      client = app.client();
      await client.result(async (session) => {
        await session.login('ada');
        session.set('cart', ['tea']);
      });
      return client;
    };
    const facts = (session: Loose) => [
      session.isNew,
      session.subject,
      session.get('cart'),
      session.get('own'),
    ];
    const attach = async (headers: http.OutgoingHttpHeaders, origins?: string[]) => {
      const request = await handshake(app, headers);
      return (await app.sessions.attach(request, {}, { origins })) as unknown as Loose;
    };

    it('shows what another request has stored, and keeps what this one has not stored yet', async () => {
      await begin();
      const copy = client.copy();
      const seen = await client.result(async (session) => {
        session.set('own', 1);
        await copy.result((other) => other.set('cart', ['tea', 'milk']));
        await session.reload();
        return facts(session);
      });
      expect(seen).toEqual([false, 'ada', ['tea', 'milk'], 1]);
      expect(await client.result(facts)).toEqual([false, 'ada', ['tea', 'milk'], 1]);
    });

    it.each<[string, (other: Client) => unknown]>([
      ['a logout', (other) => other.result((session) => session.logout())],
      ['a destroy', (other) => other.result((session) => session.destroy())],
      ['a revocation', () => app.sessions.revokeSubject('ada')],
    ])('shows an empty session after %s, which takes no change', async (_title, end) => {
      await begin();
      const copy = client.copy();
      const seen = await client.result(async (session) => {
        await end(copy);
        await session.reload();
        session.set('own', 1);
        return [session.isNew, session.subject ?? null, session.get('cart') ?? null];
      });
      expect(seen).toEqual([true, null, null]);
      expect(app.seen('dropped').at(-1)).toMatchObject({ why: 'ended' });
      expect(await client.result((session) => session.get('own') ?? null)).toBeNull();
    });

    it('follows a session that has got another id', async () => {
      await begin();
      const socket = await attach({ cookie: client.cookie });
      app.ahead += 901;
      await client.result((session) => session.set('own', 2));
      app.ahead += 61;
      await socket.reload();
      expect(facts(socket)).toEqual([false, 'ada', ['tea'], 2]);
      expect(app.seen('reused')).toEqual([]);
    });

    it.each<[string, (other: Client) => unknown]>([
      ['a logout', (other) => other.result((session) => session.logout())],
      ['a revocation', () => app.sessions.revokeSubject('ada')],
    ])('shows an empty session after %s, also where a change of the socket was lost', async (_title, end) => {
      await begin();
      const socket = await attach({ cookie: client.cookie });
      const lost = app.nextEvent('lostChange');
      socket.set('cart', ['milk']);
      await lost;
      expect(facts(socket)).toEqual([false, 'ada', ['tea'], undefined]);
      await client.result((session) => session.set('own', 2));
      await socket.reload();
      expect(facts(socket)).toEqual([false, 'ada', ['tea'], 2]);
      expect(() => socket.set('cart', [])).toThrow(codeIs('ERR_SESSION_HEAD_SENT'));
      await end(client);
      await socket.reload();
      expect(facts(socket)).toEqual([true, undefined, undefined, undefined]);
      expect(() => socket.set('cart', [])).toThrow(codeIs('ERR_SESSION_HEAD_SENT'));
      await expect(socket.save()).rejects.toMatchObject({ code: 'ERR_SESSION_HEAD_SENT' });
    });

    it('is not needed for a set or a delete of a socket, which counts also where the socket shows it already', async () => {
      await begin();
      const socket = await attach({ cookie: client.cookie });
      await client.result((session) => {
        session.set('cart', ['milk']);
        session.set('own', 1);
      });
      socket.set('cart', ['tea']);
      socket.delete('own');
      expect(socket.pull('other')).toBeUndefined();
      await socket.save();
      expect(app.seen('conflict').at(-1)).toMatchObject({ keys: ['cart', 'own'] });
      expect(await client.result(facts)).toEqual([false, 'ada', ['tea'], null]);
    });

    it('is not needed for a set in runWithSession() either', async () => {
      await begin();
      const id = (await client.result((session) => session.id)) as string;
      await app.sessions.runWithSession(id, async (session) => {
        await client.result((other) => other.set('cart', ['milk']));
        (session as unknown as Loose).set('cart', ['tea']);
      });
      expect(await client.result(facts)).toEqual([false, 'ada', ['tea'], null]);
    });

    it('lets a request set what it shows already, without a write', async () => {
      await begin();
      await client.result(async (session) => {
        await client.copy().result((other) => other.set('cart', ['milk']));
        session.set('cart', ['tea']);
        session.delete('own');
      });
      expect(await client.result(facts)).toEqual([false, 'ada', ['milk'], null]);
    });

    it('does nothing for a session that is not stored, or that this request has destroyed', async () => {
      const seen = await app.client().result(async (session) => {
        await session.reload();
        session.set('cart', 1);
        await session.reload();
        return [session.isNew, session.get('cart')];
      });
      expect(seen).toEqual([true, 1]);
      await begin();
      const after = await client.result(async (session) => {
        await session.destroy();
        await session.reload();
        return session.isNew;
      });
      expect(after).toBe(true);
    });

    it('keeps a login and a logout of this request that wait for the commit', async () => {
      await begin();
      await client.result(async (session) => {
        await session.login('bob');
        await session.reload();
        expect(session.subject).toBe('bob');
      });
      expect(await client.result((session) => session.subject)).toBe('bob');
      await client.result(async (session) => {
        await session.logout();
        await session.reload();
      });
      expect(await client.result((session) => session.subject ?? null)).toBeNull();
    });

    it('counts a change once that is stored while it reads', async () => {
      await begin();
      await client.result(async (session) => {
        session.increment('visits');
        await Promise.all([session.save(), session.reload(), session.reload()]);
        session.increment('visits');
        await session.reload();
      });
      expect(await client.result((session) => session.get('visits'))).toBe(2);
    });

    it('is read for a handshake of our page, of a listed one, and of none', async () => {
      await begin();
      const { cookie } = client;
      for (const origin of [undefined, app.url, 'https://app.example']) {
        const socket = await attach({ cookie, ...(origin && { origin }) }, ['https://app.example']);
        expect(facts(socket)).toEqual([false, 'ada', ['tea'], undefined]);
      }
    });

    it('is not read for a handshake of a foreign page, and takes no change then', async () => {
      await begin();
      for (const origin of ['https://evil.example', 'null', `${app.url}.evil.example`]) {
        const socket = await attach({ cookie: client.cookie, origin });
        expect(facts(socket)).toEqual([true, undefined, undefined, undefined]);
        expect(() => socket.set('cart', [])).toThrow(/another origin.*origins/);
        await expect(socket.login('eve')).rejects.toThrow();
        await socket.reload();
        expect(socket.isNew).toBe(true);
      }
      const warnings = app.complaints.filter((line) => line.includes('has opened a socket'));
      expect(warnings).toEqual([expect.stringContaining('"https://evil.example"')]);
      expect(await client.result((session) => session.subject)).toBe('ada');
    });

    it('refuses a list with something that no browser sends', async () => {
      const request = await handshake(app, {});
      const attached = app.sessions.attach(request, {}, { origins: ['https://a.example', 'a.example/'] });
      await expect(attached).rejects.toThrow(SessionConfigError);
      await expect(attached).rejects.toThrow(/origins\[1\]/);
    });
  });
});

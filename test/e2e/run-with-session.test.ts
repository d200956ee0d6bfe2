import { Controller, Get, Inject } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { memoryStore, SessionService, SessionStoreError, type Session } from 'nestjs-session-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { SERVER_STORES } from '../support/stores.js';

type Loose = Session<Record<string, unknown>>;
type Work<R> = (session: Loose) => R | Promise<R>;
type Options = Parameters<ScriptApp['sessions']['runWithSession']>[2];

const codeIs = (code: string, message = /./) => ({
  code,
  message: expect.stringMatching(message) as unknown,
});

class WorkApp {
  client!: Client;

  constructor(readonly app: ScriptApp) {}

  /** A visitor who is logged in with a cart; resolves to the id of his session. */
  async begin(subject: string | undefined = 'ada'): Promise<string> {
    this.client = this.app.client();
    await this.client.result(async (session) => {
      if (subject) await session.login(subject);
      session.set('cart', ['tea']);
    });
    return this.id();
  }

  id = () => this.client.result((session) => session.id) as Promise<string>;
  read = (key: string) => this.client.result((session) => session.get(key) ?? null);
  seenAt = async () => Number(await this.client.result((session) => session.lastSeenAt.getTime()));

  /** Seconds by which the idle clock has moved since, without those that the test has taken. */
  async secondsSince(before: number, id: string): Promise<number> {
    const moved = await this.run(id, (session) => session.lastSeenAt.getTime() - before);
    return Math.floor(moved / 100_000) * 100;
  }

  run<R>(id: string, work: Work<R>, options?: Options): Promise<R> {
    return this.app.sessions.runWithSession(id, work as never, options) as Promise<R>;
  }
}

describe('runWithSession()', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  describe.each(SERVER_STORES)('with the %s store', (_, store) => {
    let at: WorkApp;
    beforeAll(async () => {
      at = new WorkApp(await ScriptApp.start({ store: store(database) }));
    });

    it('shows the session, gives it to current(), and stores what the work changes', async () => {
      const id = await at.begin();
      const seen = await at.run(id, async (session) => {
        session.update('cart', (cart) => [...(cart as string[]), 'milk']);
        await Promise.resolve();
        const current = await at.app.sessions.current();
        return [session.id === id, session.subject, (current as unknown) === session, session.isNew];
      });
      expect(seen).toEqual([true, 'ada', true, false]);
      expect(await at.read('cart')).toEqual(['tea', 'milk']);
      expect(await at.id()).toBe(id);
    });

    it('merges with requests and other work that run meanwhile', async () => {
      const id = await at.begin();
      const work = (key: string) =>
        at.run(id, async (session) => {
          session.increment('count');
          session.set(key, 1);
          await at.client.copy().result((other) => other.increment('count'));
        });
      await Promise.all([work('a'), work('b'), work('c')]);
      expect(await at.client.result((session) => session.all())).toMatchObject({
        a: 1,
        b: 1,
        c: 1,
        count: 6,
      });
    });

    it('stores nothing of work that throws, except what save() and logout() have stored', async () => {
      const id = await at.begin();
      let kept: Loose | undefined;
      const failed = at.run(id, async (session) => {
        kept = session;
        session.set('saved', true);
        await session.save();
        session.set('lost', true);
        throw new Error('the mail server is away');
      });
      await expect(failed).rejects.toThrow('the mail server is away');
      await kept!.save();
      expect([await at.read('saved'), await at.read('lost')]).toEqual([true, null]);
      const ended = at.run(id, async (session) => {
        await session.logout();
        throw new Error('after the logout');
      });
      await expect(ended).rejects.toThrow('after the logout');
      expect(await at.client.result((session) => session.subject ?? null)).toBeNull();
    });

    it('leaves the idle clock, also where it saves, unless it is asked to move it', async () => {
      const id = await at.begin();
      const before = await at.seenAt();
      const later = at.app.ahead;
      at.app.ahead += 700;
      await at.run(id, () => undefined);
      await at.run(id, (session) => session.set('own', 1));
      at.app.ahead += 700;
      await at.run(id, (session) => session.increment('visits', 1, { commit: true }));
      expect(await at.run(id, (session) => session.lastSeenAt.getTime())).toBe(before);
      await at.run(id, () => undefined, { touch: true });
      expect(await at.secondsSince(before, id)).toBe(1400);
      at.app.ahead += 700;
      await at.run(id, (session) => session.touch());
      expect(await at.secondsSince(before, id)).toBe(2100);
      at.app.ahead += 1441;
      const gone = at.run(id, (session) => session.set('own', 2), { touch: true });
      await expect(gone).rejects.toMatchObject(codeIs('ERR_SESSION_GONE'));
      at.app.ahead = later;
    });

    it('keeps a touch that comes while it works', async () => {
      const id = await at.begin();
      const before = await at.seenAt();
      const later = at.app.ahead;
      await at.run(id, async (session) => {
        session.set('own', 1);
        at.app.ahead += 100;
        await at.client.result((other) => other.isNew); // a read, which touches
      });
      expect(await at.secondsSince(before, id)).toBe(100);
      at.app.ahead = later;
    });

    it('keeps the touch of a request whose session it has saved meanwhile', async () => {
      const id = await at.begin();
      const before = await at.seenAt();
      const later = at.app.ahead;
      at.app.ahead += 100;
      await at.client.result(async () => at.run(id, (session) => session.set('own', 1)));
      expect(await at.secondsSince(before, id)).toBe(100);
      expect(await at.read('own')).toBe(1);
      at.app.ahead = later;
    });

    it('finds a session by an id that was renewed periodically, also after the grace time', async () => {
      const id = await at.begin();
      const later = at.app.ahead;
      at.app.ahead += 901;
      const second = await at.client.result(async (session) => {
        await session.save();
        return session.id;
      });
      at.app.ahead += 901;
      await at.client.result((session) => session.save());
      expect(second).not.toBe(id);
      for (const old of [id, second as string])
        expect(await at.run(old, (session) => (session.increment('found'), session.subject))).toBe('ada');
      expect(await at.read('found')).toBe(2);
      expect(at.app.seen('reused')).toEqual([]);
      at.app.ahead = later;
    });

    it('saves to the successor when the id is renewed while it works', async () => {
      const id = await at.begin();
      const later = at.app.ahead;
      await at.run(id, async (session) => {
        session.set('own', 1);
        at.app.ahead += 901;
        await at.client.result((other) => other.set('theirs', 1));
      });
      expect([await at.read('own'), await at.read('theirs')]).toEqual([1, 1]);
      expect(await at.id()).not.toBe(id);
      at.app.ahead = later;
    });

    it.each<[string, (id: string) => unknown]>([
      ['logout()', () => at.client.result((session) => session.logout())],
      ['login() of the same user', () => at.client.result((session) => session.login('ada'))],
      ['login() of another user', () => at.client.result((session) => session.login('eve'))],
      ['regenerate()', () => at.client.result((session) => session.regenerate())],
      ['a revocation', (id) => at.app.sessions.revoke(id)],
    ])('finds nothing by the id from before %s, and revives nothing', async (_title, end) => {
      const id = await at.begin();
      const other = at.client.copy();
      await end(id);
      const work = at.run(id, () => expect.unreachable());
      await expect(work).rejects.toMatchObject(codeIs('ERR_SESSION_GONE', /session\.save\(\)/));
      expect(await other.result((session) => session.subject ?? null)).toBeNull();
    });

    it("does not take a visitor's work into the session that he logs in to", async () => {
      const id = await at.begin('');
      await at.client.result((session) => session.login('ada'));
      await expect(at.run(id, () => 1)).rejects.toMatchObject(codeIs('ERR_SESSION_GONE'));
    });

    it('rejects when the session ends before its changes are stored, and stores none', async () => {
      const id = await at.begin();
      const work = at.run(id, async (session) => {
        session.set('own', 1);
        await at.app.sessions.revoke(id);
      });
      await expect(work).rejects.toMatchObject(codeIs('ERR_SESSION_GONE'));
      const reader = at.run(await at.begin(), async (session) => {
        await at.app.sessions.revoke(session.id);
        return 'read';
      });
      expect(await reader).toBe('read');
    });

    it('sends no cookie, so it refuses login() and regenerate() with the reason', async () => {
      const id = await at.begin();
      const refused = codeIs('ERR_SESSION_UNSUPPORTED', /runWithSession\(\) has no response/);
      await at.run(id, async (session) => {
        await expect(session.login('eve')).rejects.toMatchObject(refused);
        await expect(session.regenerate()).rejects.toMatchObject(refused);
      });
      expect(await at.client.result((session) => [session.subject, session.id])).toEqual(['ada', id]);
    });

    it('ends the session at once by logout(), and begins no other', async () => {
      const id = await at.begin();
      await at.run(id, async (session) => {
        await session.logout();
        expect(await at.client.result((other) => other.isNew)).toBe(true);
        expect(() => session.set('own', 1)).toThrow(
          expect.objectContaining(codeIs('ERR_SESSION_GONE', /cannot begin another/)),
        );
      });
    });

    it('refuses changes with readonly, and writes nothing', async () => {
      const id = await at.begin();
      await at.run(
        id,
        async (session) => {
          const refused = codeIs('ERR_SESSION_READONLY', /readonly: true/);
          expect(() => session.set('own', 1)).toThrow(expect.objectContaining(refused));
          await expect(session.logout()).rejects.toMatchObject(refused);
        },
        { readonly: true },
      );
      expect(await at.read('cart')).toEqual(['tea']);
    });

    it('reports a change that comes when the work is done', async () => {
      const id = await at.begin();
      let kept: Loose | undefined;
      await at.run(id, (session) => (kept = session));
      const lost = at.app.nextEvent('lostChange');
      kept!.set('own', 1);
      await lost;
      expect(await at.read('own')).toBeNull();
    });

    it('has one session for each of several works, nested and side by side', async () => {
      const [first, second] = [await at.begin('ada'), await at.begin('eve')];
      const subject = async () => (await at.app.sessions.current()).subject;
      const nested = await at.run(first, async () => [
        await subject(),
        await at.run(second, subject),
        await subject(),
      ]);
      expect(nested).toEqual(['ada', 'eve', 'ada']);
      await expect(at.app.sessions.current()).rejects.toMatchObject(codeIs('ERR_SESSION_NO_REQUEST'));
    });

    it.each([
      ['unknown', 'A'.repeat(43)],
      ['empty', ''],
      ['of another length', 'AAAA'],
      ['no base64url', `${'A'.repeat(42)}!`],
    ])('says that no session has an id that is %s', async (_title, id) => {
      await expect(at.run(id, () => 1)).rejects.toMatchObject(codeIs('ERR_SESSION_GONE'));
    });

    it('says what it takes in place of something that is no id, and of unknown options', async () => {
      const none = at.run(undefined as unknown as string, () => 1);
      await expect(none).rejects.toMatchObject(codeIs('ERR_SESSION_USAGE', /session\.id/));
      const option = at.run(await at.begin(), () => 1, { readOnly: true } as never);
      await expect(option).rejects.toThrow(/readonly/);
    });
  });

  it('says that sessions in the cookie have no id to be found by', async () => {
    const at = new WorkApp(await ScriptApp.start());
    const work = at.run(await at.begin(), () => 1);
    await expect(work).rejects.toMatchObject(codeIs('ERR_SESSION_UNSUPPORTED', /"cookie".*typeOrmStore/));
  });

  it('rejects when the store is down, also with onStoreDown: anonymous', async () => {
    const store = memoryStore();
    const at = new WorkApp(await ScriptApp.start({ store, session: { onStoreDown: 'anonymous' } }));
    const id = await at.begin();
    store.load = () => Promise.reject(new Error('down'));
    await expect(at.run(id, () => 1)).rejects.toThrow(SessionStoreError);
  });

  it('finds the sessions of every context', async () => {
    const contexts = [
      { path: '/run', cookie: { name: 'admin' }, store: memoryStore(), crypto: { audience: 'admin' } },
    ];
    const at = new WorkApp(await ScriptApp.start({ store: memoryStore(), contexts } as never));
    expect(await at.run(await at.begin(), (session) => session.subject)).toBe('ada');
  });

  it('gives current() nothing with asyncContext: false', async () => {
    const at = new WorkApp(await ScriptApp.start({ store: memoryStore(), session: { asyncContext: false } }));
    const current = at.run(await at.begin(), () => at.app.sessions.current());
    await expect(current).rejects.toMatchObject(codeIs('ERR_SESSION_NO_REQUEST', /asyncContext/));
  });
});

describe.each(ADAPTER_NAMES)('runWithSession() in a handler on %s', (adapter) => {
  it("works on another session than the request's, and csrfToken() stays the request's", async () => {
    const at = new WorkApp(await ScriptApp.start({ store: memoryStore() }, adapter));
    const [ada, client] = [await at.begin('ada'), at.client];
    await at.begin('eve');
    const seen = await at.client.result(async (own) => [
      own.subject,
      await at.run(ada, async (session) => {
        session.set('note', 'from eve');
        return [session.subject, await at.app.sessions.csrfToken()];
      }),
      (await at.app.sessions.current()).subject,
    ]);
    expect(seen).toEqual(['eve', ['ada', expect.any(String)], 'eve']);
    expect(await client.result((session) => session.get('note'))).toBe('from eve');
  });
});

@Controller()
class WhoController {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  @Get('who')
  async who() {
    return { subject: (await this.sessions.current()).subject ?? null };
  }
}

it('gives a request that begins in the work its own session', async () => {
  const app = await ScriptApp.start({ store: memoryStore() }, 'fastify', [WhoController]);
  const id = await new WorkApp(app).begin('ada');
  const inject = () => (app.app as NestFastifyApplication).inject('/who');
  const who = await app.sessions.runWithSession(id, async () => [
    (await inject()).json<unknown>(),
    (await app.sessions.current()).subject,
  ]);
  expect(who).toEqual([{ subject: null }, 'ada']);
});

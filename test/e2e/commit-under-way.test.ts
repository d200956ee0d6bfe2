import { Controller, Inject, Post, Res } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Server, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  SessionCryptoModule,
  type Session,
  type SessionStateError,
  type SessionStore,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { cookieOf } from '../support/ask.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET, startApp, TestApp } from '../support/test-app.js';
import { RecordingStore } from './support/gate-store.js';
import { holdNext } from './support/hold.js';

describe('while a commit is under way', () => {
  let store: SessionStore;
  let app: ScriptApp;

  beforeEach(async () => {
    store = memoryStore();
    app = await ScriptApp.start({ store });
  });

  it('a logout ends the login that is being created', async () => {
    const create = holdNext(store, 'create');
    const client = app.client();
    await client.run(async (session) => {
      await session.login('ada');
      const saved = session.save();
      await create.begun;
      const left = session.logout();
      create.release();
      await Promise.all([saved, left]);
    });
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
    expect(await app.sessions.count()).toBe(0);
  });

  it('a logout ends the session that is being saved, and what is set then begins anew', async () => {
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const replace = holdNext(store, 'replace');
    const subject = await client.result(async (session) => {
      session.set('n', 1);
      const saved = session.save();
      await replace.begun;
      const left = session.logout();
      replace.release();
      await Promise.all([saved, left]);
      session.set('note', 'bye');
      return session.subject ?? null;
    });
    expect(subject).toBe(null);
    expect(await client.result((session) => [session.subject ?? null, session.all()])).toEqual([
      null,
      { note: 'bye' },
    ]);
    expect(await app.sessions.count()).toBe(1);
  });

  it('a logout ends the row that the session is being moved to', async () => {
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const move = holdNext(store, 'move');
    await client.run(async (session) => {
      await session.regenerate();
      const saved = session.save();
      await move.begun;
      const left = session.logout();
      move.release();
      await Promise.all([saved, left]);
    });
    expect(await app.sessions.count()).toBe(0);
  });

  it('a logout holds though the login before it fails to be stored', async () => {
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    const move = holdNext(store, 'move');
    await client.run(async (session) => {
      await session.login('ada');
      const failed = session.save().catch(() => undefined);
      await move.begun;
      const left = session.logout();
      move.fail();
      await Promise.all([failed, left]);
    });
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
  });

  it('a login changes the id of the session that is being created', async () => {
    const create = holdNext(store, 'create');
    const client = app.client();
    const before = await client.result(async (session) => {
      session.set('n', 1);
      const { id } = session;
      const saved = session.save();
      await create.begun;
      const entered = session.login('ada');
      create.release();
      await Promise.all([saved, entered]);
      return id;
    });
    const after = await client.result((session) => [session.id, session.subject]);
    expect(after).toEqual([expect.not.stringContaining(before as string), 'ada']);
  });

  it('a login changes the id though the save before it fails', async () => {
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    const old = client.copy();
    const replace = holdNext(store, 'replace');
    await client.run(async (session) => {
      session.set('n', 2);
      const failed = session.save().catch(() => undefined);
      await replace.begun;
      const entered = session.login('ada');
      replace.fail();
      await Promise.all([failed, entered]);
    });
    expect(client.cookie).not.toBe(old.cookie);
    expect(await client.result((session) => session.subject)).toBe('ada');
    expect(await old.result((session) => session.subject ?? null)).toBe(null);
  });
});

type Values = Session<Record<string, unknown>>;
type Handler = (session: Values, response: ServerResponse) => Promise<void> | void;
type PlatformResponse = ServerResponse & { raw?: ServerResponse; hijack?(): void };

/** Runs what the test wrote, with the session and Node's own response. */
@Controller()
class RawRoutes {
  constructor(@Inject('handler') private readonly handler: { run: Handler }) {}

  @Post('raw')
  async raw(@CurrentSession() session: Values, @Res() response: PlatformResponse): Promise<void> {
    response.hijack?.();
    await this.handler.run(session, response.raw ?? response);
  }

  @Post('all')
  all(@CurrentSession() session: Values) {
    return session.all();
  }

  @Post('begin')
  begin(@CurrentSession() session: Values) {
    session.set('begun', true);
  }
}

describe.each(ADAPTER_NAMES)('while the head waits on %s', (adapter) => {
  let store: RecordingStore;
  let app: TestApp;
  let handler: { run: Handler };
  let cookie: string;

  beforeEach(async () => {
    store = new RecordingStore();
    handler = { run: () => undefined };
    app = await launchRaw(adapter, store, handler);
    cookie = cookieOf(await app.ask('/begin', { method: 'POST' }));
  });

  const post = (path: string) => app.ask(path, { method: 'POST', headers: { cookie } });
  const stored = async () => (await post('/all')).body as unknown;

  it('a change after end() is stored with the others', async () => {
    handler.run = (session, response) => {
      session.set('a', 1);
      response.end('{}');
      session.set('b', 'later');
    };
    await post('/raw');
    expect(await stored()).toEqual({ begun: true, a: 1, b: 'later' });
  });

  it('no change is lost in silence, however soon it comes after a save', async () => {
    const kept: unknown[] = [];
    for (let turns = 0; turns < 12; turns++) {
      const name = `b${turns}`;
      const reported: string[] = [];
      app.sessions.events.on('lostChange', () => void reported.push('reported'));
      handler.run = async (session, response) => {
        session.set('a', turns);
        response.write('{');
        await session.save();
        for (let i = 0; i < turns; i++) await Promise.resolve();
        session.set(name, 2);
        response.end('}');
      };
      await post('/raw');
      const values = (await stored()) as Record<string, unknown>;
      kept.push(values[name] === 2 ? 'stored' : (reported[0] ?? 'lost'));
    }
    expect(kept).toContain('stored');
    expect(kept).not.toContain('lost');
  });

  it('save() is refused what was dropped after the head had left', async () => {
    const lost = app.nextEvent('lostChange');
    let outcome: unknown;
    handler.run = async (session, response) => {
      response.write('{');
      session.set('n', 1);
      await lost;
      outcome = await outcomeOf(session);
      response.end('}');
    };
    await post('/raw');
    expect(outcome).toBe('ERR_SESSION_HEAD_SENT');
    expect(await stored()).toEqual({ begun: true });
  });

  it('a save after the head keeps its changes though another change follows without one', async () => {
    let outcome: unknown;
    handler.run = async (session, response) => {
      response.write('{');
      session.set('first', 1);
      const first = session.save();
      session.set('second', 1);
      const second = outcomeOf(session);
      await Promise.resolve();
      session.set('third', 1);
      outcome = await second;
      await first;
      response.end('}');
    };
    await post('/raw');
    expect(outcome).toBe('saved');
    expect(await stored()).toMatchObject({ first: 1, second: 1 });
  });

  it('somebody else may send the head past the gate', async () => {
    const server = app.app.getHttpServer() as Server;
    let answerInstead!: () => void;
    server.prependOnceListener('request', (_request, response: ServerResponse) => {
      const [writeHead, end] = [response.writeHead.bind(response), response.end.bind(response)];
      answerInstead = () => void (writeHead(503), end('timeout'));
    });
    handler.run = (session, response) => {
      session.set('n', 1);
      response.end('late');
    };
    store.log.length = 0;
    const release = store.hold();
    const answer = post('/raw');
    await store.seen('save');
    answerInstead();
    expect([(await answer).status, (await answer).body]).toEqual([503, 'timeout']);
    // A rejection that nobody handles fails the run, as Vitest sees to.
    release();
    await store.seen('saved');
    expect(await stored()).toEqual({ begun: true, n: 1 });
  });
});

@Controller()
class TwoSessions {
  @Post('both')
  both(@CurrentSession() stored: Values, @CurrentSession('sealed') sealed: Values) {
    stored.set('n', 1);
    sealed.set('large', 'x'.repeat(9000));
  }
}

describe.each(ADAPTER_NAMES)('two named sessions on %s', (adapter) => {
  it('answer one 500 when one fails at once and the other later', async () => {
    const store = new RecordingStore();
    store.failing = true;
    const crypto = { secrets: [SECRET] };
    const app = await startApp({
      adapter,
      imports: [
        SessionCryptoModule.forRoot({ crypto, store }),
        SessionCryptoModule.forRoot({
          name: 'sealed',
          crypto,
          store: cookieStore(),
          cookie: { name: 'sealed' },
        }),
      ],
      controllers: [TwoSessions],
    });
    const answer = await app.ask('/both', { method: 'POST' });
    // A rejection that nobody handles fails the run, as Vitest sees to.
    expect([answer.status, answer.cookies]).toEqual([500, []]);
    expect(store.log).toEqual(['save']);
  });
});

describe.each(ADAPTER_NAMES)('a commit on %s', (adapter) => {
  it.each([['memory', () => memoryStore()] as const, ['cookie', () => cookieStore()] as const])(
    'stores what update() has shown the handler, in the %s store',
    async (_, storeOf) => {
      const app = await ScriptApp.start({ store: storeOf() }, adapter);
      const client = app.client();
      const begin = (key: string) =>
        client.result((session) => {
          session.update(key, (state) => state ?? randomUUID());
          session.update(key, (state) => `${state as string}/${randomUUID()}`);
          return session.get(key);
        });
      const shown = [await begin('new'), await begin('saved'), await begin('new')];
      expect(await client.result((session) => [session.get('saved'), session.get('new')])).toEqual(
        shown.slice(1),
      );
    },
  );

  it('keeps what update() has shown through login(), regenerate() and reload()', async () => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const client = app.client();
    const shown = await client.result(async (session) => {
      session.update('state', () => randomUUID());
      await session.login('ada');
      const keep = ['state'];
      await session.regenerate({ keep });
      keep.pop();
      await session.reload();
      return session.get('state');
    });
    expect([await client.result((session) => session.get('state'))]).toEqual([shown]);
    expect(shown).toEqual(expect.any(String));
  });

  it('answers 500 where an updater throws an error with a status that is none', async () => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    const copy = client.copy();
    let calls = 0;
    const { status } = await client.run(async (session) => {
      session.update('n', () => {
        if (calls++) throw Object.assign(new Error('mine'), { statusCode: 99 });
        return 2;
      });
      await copy.result((other) => other.set('n', 3)); // so the commit asks the updater again
    });
    expect([calls, status]).toEqual([2, 500]);
  });
});

const launchRaw = (adapter: AdapterName, store: SessionStore, handler: { run: Handler }) =>
  startApp({
    adapter,
    session: { store },
    controllers: [RawRoutes],
    providers: [{ provide: 'handler', useValue: handler }],
  });

const outcomeOf = (session: Values) =>
  session.save().then(
    () => 'saved',
    (error: unknown) => (error as SessionStateError).code,
  );

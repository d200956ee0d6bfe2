import type { ServerResponse } from 'node:http';
import { Controller, Post, Res } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CurrentSession,
  memoryStore,
  SessionCryptoModule,
  SessionStateError,
  SessionStoreError,
  type Session,
  type SessionRow,
  type SessionStore,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

/** A store that is down or hangs while the test says so. */
class BreakableStore {
  state: 'up' | 'down' | 'hanging' = 'up';
  private readonly inner = memoryStore();

  static make(): BreakableStore & SessionStore {
    const breakable = new BreakableStore();
    return new Proxy(breakable as BreakableStore & SessionStore, {
      get: (target, key) =>
        key in target ? Reflect.get(target, key) : target.through(key as keyof SessionStore),
      set: (target, key, value) => Reflect.set(target, key, value),
    });
  }

  private through(key: keyof SessionStore): unknown {
    const value = this.inner[key as keyof typeof this.inner] as unknown;
    if (typeof value !== 'function' || key === 'now' || key === 'open') return value;
    return async (...args: unknown[]) => {
      if (this.state === 'down') throw Object.assign(new Error('secret detail'), { code: 'ECONNREFUSED' });
      if (this.state === 'hanging') await new Promise(() => undefined);
      return (value as (...all: unknown[]) => unknown).apply(this.inner, args);
    };
  }
}

/** A handler that goes on after the head of its response: it saves once the test calls `goOn`. */
@Controller()
class StreamController {
  static goOn: () => void;
  static saved: Promise<string>;

  @Post('stream')
  stream(@CurrentSession() session: Session, @Res() reply: ServerResponse & { raw?: ServerResponse }) {
    const response = reply.raw ?? reply;
    session.set('early', 1);
    response.write('one');
    const told = new Promise<void>((resolve) => (StreamController.goOn = resolve));
    StreamController.saved = told.then(async () => {
      session.set('late', 1);
      return session.save().then(
        () => 'saved',
        (error: SessionStateError) => error.code,
      );
    });
    void StreamController.saved.finally(() => response.end());
  }
}

@Controller()
class StaffController {
  @Post('both')
  both(@CurrentSession('default') visitor: Session, @CurrentSession('staff') staff: Session) {
    visitor.set('n', 1);
    staff.set('n', 1);
  }
}

let app: ScriptApp;

describe.each(ADAPTER_NAMES)('on %s, a store that is down', (adapter) => {
  it('answers 503 and works again when the store is back, with one event each', async () => {
    const store = BreakableStore.make();
    app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    store.state = 'down';
    for (let i = 0; i < 3; i++) {
      const { status, body, cookies } = await client.run((session) => session.get('n'));
      expect([status, cookies]).toEqual([503, []]);
      expect(JSON.stringify(body)).not.toMatch(/secret|ECONN/);
    }
    store.state = 'up';
    expect(await client.result((session) => session.get('n'))).toBe(1);
    expect(app.seen('storeDown')).toEqual([{ session: 'default', code: 'ECONNREFUSED', store: 'sessions' }]);
    expect(app.seen('storeUp')).toHaveLength(1);
  });

  it('gives an anonymous session that can only be read, where that is asked for', async () => {
    const store = BreakableStore.make();
    app = await ScriptApp.start({ store, session: { onStoreDown: 'anonymous' } }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    store.state = 'down';
    const read = await client.run((session) => session.subject ?? null);
    expect([read.status, read.body, read.cookies]).toEqual([201, { result: null }, []]);
    const codes = await client.result(async (session) => {
      const refused = (error: unknown) => (error as SessionStateError).code;
      const set = (() => {
        try {
          session.set('n', 1);
        } catch (error) {
          return refused(error);
        }
      })();
      return [set, await session.login('eve').catch(refused)];
    });
    expect(codes).toEqual(['ERR_SESSION_READONLY', 'ERR_SESSION_READONLY']);
    store.state = 'up';
    expect(await client.result((session) => session.subject)).toBe('ada');
  });

  it('answers one clean 503 when it goes down between reading and saving', async () => {
    const store = BreakableStore.make();
    app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    const { status, body, cookies } = await client.run((session) => {
      session.set('n', 2);
      store.state = 'down';
      return 'handler';
    });
    expect([status, body, cookies]).toEqual([503, { statusCode: 503, message: 'Service Unavailable' }, []]);
  });

  it('does not fail a read whose touch fails', async () => {
    const store = BreakableStore.make();
    app = await ScriptApp.start({ store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    app.ahead = 120;
    const { status } = await client.run((session) => {
      store.state = 'down';
      return session.get('n');
    });
    expect(status).toBe(201);
    expect(app.seen('touchFailed')).toHaveLength(1);
  });
});

describe.each(ADAPTER_NAMES)('on %s, a store that hangs', (adapter) => {
  it('answers 503 in time, and works again when the store does', async () => {
    const store = BreakableStore.make();
    app = await ScriptApp.start({ store, session: { commitTimeout: 1 } }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    store.state = 'hanging';
    const [read, write] = await Promise.all([
      client.run((session) => session.get('n')),
      app.client().run((session) => session.set('n', 2)),
    ]);
    expect([read.status, write.status, write.cookies]).toEqual([503, 503, []]);
    store.state = 'up';
    await client.run((session) => session.set('n', 3));
    expect(await client.result((session) => session.get('n'))).toBe(3);
    expect(app.seen('storeDown')).toMatchObject([{ code: 'timeout' }]);
  });

  it('takes no change later whose request was answered 503 while it waited for another', async () => {
    const store = memoryStore();
    const { replace } = store;
    let saves = 0;
    let deliver!: () => void;
    const delivered = new Promise<void>((resolve) => (deliver = resolve));
    const slow: SessionStore = Object.assign(store, {
      async replace(row: SessionRow, version: number, until = Infinity) {
        await (saves++ ? delivered : new Promise(() => undefined));
        if (performance.now() > until) throw new SessionStoreError('replace', 'timeout');
        return replace.call(store, row, version);
      },
    });
    app = await ScriptApp.start({ store: slow, session: { commitTimeout: 1 } }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const names = ['first', 'second', 'third'];
    const answers = await Promise.all(names.map((name) => client.run((session) => session.set(name, 1))));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    deliver();
    expect(await client.result((session) => session.all())).toEqual({ n: 0 });
    await client.run((session) => session.set('n', 1));
    expect(await client.result((session) => session.all())).toEqual({ n: 1 });
  });

  it('takes no change later of a request that has failed by the store of its other session', async () => {
    const hanging = memoryStore();
    const { create } = hanging;
    let deliver!: () => void;
    const delivered = new Promise<void>((resolve) => (deliver = resolve));
    const creations: Promise<void>[] = [];
    const createLater = async (row: SessionRow, until = Infinity) => {
      await delivered;
      if (performance.now() > until) throw new SessionStoreError('create', 'timeout');
      return create.call(hanging, row);
    };
    hanging.create = (...args) => creations[creations.push(createLater(...args)) - 1]!;
    const staff = SessionCryptoModule.forRoot({
      name: 'staff',
      crypto: { secrets: [SECRET] },
      store: hanging,
      session: { commitTimeout: 1 },
    });
    const down = BreakableStore.make();
    app = await ScriptApp.start(
      { store: down, session: { commitTimeout: 1 } },
      adapter,
      [StaffController],
      [staff],
    );
    down.state = 'down';
    expect((await app.client().send('POST', '/both')).status).toBe(503);
    deliver();
    await Promise.allSettled(creations);
    expect([creations.length, await hanging.count!()]).toEqual([1, 0]);
  });

  it('takes no change that a stream saves after its request was answered 503', async () => {
    const store = BreakableStore.make();
    app = await ScriptApp.start({ store, session: { commitTimeout: 1 } }, adapter, [StreamController]);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    Object.assign(store, { replace: () => new Promise(() => undefined) });
    expect((await client.send('POST', '/stream')).status).toBe(503);
    Reflect.deleteProperty(store, 'replace');
    StreamController.goOn();
    expect(await StreamController.saved).not.toBe('saved');
    expect(await client.result((session) => session.all())).toEqual({ n: 0 });
  });
});

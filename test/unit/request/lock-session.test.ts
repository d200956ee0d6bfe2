import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { from } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionManager } from '../../../lib/manager/session-manager.js';
import { lockSession } from '../../../lib/request/lock-session.js';
import type { RequestSession } from '../../../lib/request/request-session.js';
import { attachSessions, RequestSessions } from '../../../lib/request/request-sessions.js';
import { SessionLock } from '../../../lib/session.decorators.js';
import { LOCK_INTERCEPTOR } from '../../../lib/session.interceptor.js';
import type { Session } from '../../../lib/session/session.js';
import { MemoryStore } from '../../../lib/stores/memory.store.js';
import { managerOf, requestOf } from './manager.js';

type Loose = Session<Record<string, unknown>>;
const OPTIONS = { wait: 0, lease: 60 };

let store: MemoryStore;
let manager: SessionManager;
/** The names and holders of the locks that were given, the last one at the end. */
let given: Parameters<MemoryStore['locks']['release']>[];
/** The sessions of a socket whose session is stored. */
let socket: RequestSessions;
let session: RequestSession;
let values: Loose;

beforeAll(async () => {
  store = new MemoryStore();
  const { acquire } = store.locks;
  store.locks.acquire = async (name, holder, time) => {
    given.push([name, holder]);
    return acquire.call(store.locks, name, holder, time);
  };
  manager = await managerOf({ store, session: { commitTimeout: 1 } });
});
afterAll(() => manager.close());
beforeEach(async () => {
  given = [];
  const visit = new RequestSessions(requestOf());
  ((await visit.add(manager).load()) as unknown as Loose).set('n', 0);
  await visit.commit();
  const cookie = visit.additions().cookies[0]!.split(';')[0]!;
  socket = new RequestSessions(requestOf({ cookie }), { allowed: true });
  socket.onHeadSent();
  session = socket.add(manager);
  values = (await session.load()) as unknown as Loose;
});

const enter = (options = OPTIONS) => lockSession(socket, session, options);
/** The store gives the lock to another process, which frees it again. */
const loseLock = () => store.locks.release(...given.at(-1)!);
const stored = async () => {
  await values.reload();
  return values.all();
};
/** Gives the lock to the next message. */
const after = (leave: () => void) => {
  leave();
  return enter({ wait: 5, lease: 60 });
};

describe('@SessionLock() on a socket', () => {
  it('stores with no later message what was refused, since the lock was lost', async () => {
    const leave = await enter();
    await loseLock();
    values.set('a', 'refused');
    await expect(values.save()).rejects.toMatchObject({ code: 'ERR_SESSION_LOCK_LOST' });
    await after(leave);
    values.set('b', 1);
    await values.save();
    expect(await stored()).toEqual({ n: 0, b: 1 });
  });

  it('stores with no later message what the store has refused', async () => {
    const leave = await enter();
    const { replace } = store;
    store.replace = () => Promise.reject(new Error('away'));
    values.set('a', 'refused');
    await expect(values.save()).rejects.toThrow();
    store.replace = replace;
    await after(leave);
    values.set('b', 1);
    await values.save();
    expect(await stored()).toEqual({ n: 0, b: 1 });
  });

  it('lets no message in before the handler that has lost its lock is done', async () => {
    const leave = await enter();
    await loseLock();
    await expect(enter()).rejects.toMatchObject({ code: 'ERR_SESSION_LOCKED' });
    values.set('a', 'late');
    await expect(values.save()).rejects.toMatchObject({ code: 'ERR_SESSION_LOCK_LOST' });
    await after(leave);
    expect(await stored()).toEqual({ n: 0 });
  });

  it('is given back for a message that nobody waits for any more', async () => {
    class Gateway {
      @SessionLock({ wait: 5 })
      handle() {}
    }
    const client = {};
    attachSessions(client, socket);
    const context = {
      getType: () => 'ws',
      getClass: () => Gateway,
      getHandler: () => Gateway.prototype.handle,
      switchToWs: () => ({ getClient: () => client }),
      getArgs: () => [client],
    } as unknown as ExecutionContext;
    let ran = false;
    const next: CallHandler = { handle: () => from([(ran = true)]) };
    const leave = await enter();
    const waiting = await LOCK_INTERCEPTOR.intercept(context, next);
    waiting.subscribe().unsubscribe();
    leave();
    await enter({ wait: 1, lease: 60 });
    expect(ran).toBe(false);
  });
});

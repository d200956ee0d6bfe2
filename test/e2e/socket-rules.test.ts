import { Injectable, Module, UseGuards } from '@nestjs/common';
import {
  CurrentSession,
  CurrentSubject,
  memoryStore,
  ReadonlySession,
  SessionGuard,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { Latch } from './support/hold.js';
import { runHandler } from './support/operations.js';
import { handshakeOf } from './support/upgrades.js';

type Loose = Session<Record<string, unknown>>;

@Injectable()
class Gateway {
  /** What a slow handler waits for. */
  static waiting = Promise.resolve();

  @ReadonlySession()
  async reads(@CurrentSession() session: Loose) {
    const said = session.get('said') ?? null;
    const refused = await trySet(session);
    return [said, refused];
  }

  async writes(@CurrentSession() session: Loose) {
    await Gateway.waiting;
    return session.increment('said', 1, { commit: true });
  }

  @UseSession({ idleTimeout: 60 })
  @UseGuards(SessionGuard)
  secret(@CurrentSubject() subject: string) {
    return subject;
  }

  @UseGuards(SessionGuard)
  me(@CurrentSubject() subject: string) {
    return subject;
  }
}

@Module({ providers: [Gateway] })
class GatewayModule {}

async function trySet(session: Loose): Promise<unknown> {
  try {
    session.set('said', 'again');
    await session.save();
    return 'stored';
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

describe.each(ADAPTER_NAMES)('the rules of a message of a socket, on %s', (adapter) => {
  let app: ScriptApp;
  let visitor: Client;
  let client: object;

  const send = (name: string) => runHandler(app.app, Gateway, name, ['ws', client, {}]);

  beforeEach(async () => {
    client = {};
    Gateway.waiting = Promise.resolve();
    app = await ScriptApp.start({ store: memoryStore() }, adapter, [], [GatewayModule]);
    visitor = app.client();
    await visitor.result((session) => session.login('ada'));
    await app.sessions.attach(await handshakeOf(app.app, app.url, { cookie: visitor.cookie }), client);
  });

  it('forbid changes to no later message', async () => {
    expect(await send('reads')).toEqual([null, 'ERR_SESSION_READONLY']);
    expect(await send('writes')).toBe(1);
    expect(await send('reads')).toEqual([1, 'ERR_SESSION_READONLY']);
    expect(await send('writes')).toBe(2);
  });

  it('forbid changes to no message that is under way', async () => {
    const latch = new Latch();
    Gateway.waiting = latch.opened;
    const writing = send('writes');
    expect(await send('reads')).toEqual([null, 'ERR_SESSION_READONLY']);
    latch.open();
    expect(await writing).toBe(1);
  });

  it('hide a session that has idled too long from no other message', async () => {
    expect(await send('secret')).toBe('ada');
    app.ahead = 120;
    expect(await send('secret')).toBe('ERR_SESSION_REQUIRED');
    expect(await send('me')).toBe('ada');
    expect(await send('writes')).toBe(1);
    expect(await send('reads')).toEqual([1, 'ERR_SESSION_READONLY']);
  });
});

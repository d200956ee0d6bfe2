import { Controller, Get, Post, Req } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { CurrentSession, memoryStore, SessionLock, type Session } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { sendRequest } from '../support/ask.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { routeHandshakes } from './support/upgrades.js';

type Loose = Session<Record<string, unknown>>;
type Handler = (session: Loose, request: IncomingMessage) => unknown;

let handler: Handler;

@Controller()
class HandshakeController {
  @Get('route')
  async opens(@CurrentSession() session: Loose, @Req() request: { raw?: IncomingMessage } & IncomingMessage) {
    return { result: await handler(session, request.raw ?? request) };
  }

  @Post('route')
  async posts(@CurrentSession() session: Loose) {
    return { result: await handler(session, {} as never) };
  }

  @Get('locked')
  @SessionLock()
  async locked(@CurrentSession() session: Loose) {
    return { result: await handler(session, {} as never) };
  }
}

const HANDSHAKE = { connection: 'Upgrade', upgrade: 'websocket' };
/** Counts a try, and goes on long after the turn in which a late change counts as lost. */
const countTry: Handler = async (session) => {
  session.increment('tries');
  for (let i = 0; i < 5; i++) await turn();
};

describe.each(ADAPTER_NAMES)('a request that asks for a WebSocket, on %s', (adapter) => {
  let app: ScriptApp;
  let client: Client;

  beforeEach(async () => {
    app = await ScriptApp.start({ store: memoryStore() }, adapter, [HandshakeController]);
    client = app.client();
    await client.result((session) => session.login('ada'));
  });

  async function ask(method: string, headers: Record<string, string>, path = '/route'): Promise<unknown> {
    const { body } = await client.send(method, path, { headers });
    return (body as { result?: unknown }).result;
  }
  const tries = () => client.result((session) => session.get('tries'));

  describe('where handshakes come through the routes', () => {
    beforeEach(() => routeHandshakes(app.app));

    const subjectFor = (origin: string | undefined, upgrade = 'websocket') => {
      handler = (session) => session.subject ?? null;
      return ask('GET', { ...HANDSHAKE, upgrade, ...(origin && { origin }) });
    };

    it('has the session of its user, unless a page of another origin has opened it', async () => {
      expect(await subjectFor(undefined)).toBe('ada');
      expect(await subjectFor(app.url)).toBe('ada');
      for (const origin of ['https://evil.example', 'null']) expect(await subjectFor(origin)).toBeNull();
      expect(await subjectFor('https://evil.example', 'WebSocket')).toBeNull();
      expect(app.complaints.filter((line) => line.includes('has opened a socket'))).toHaveLength(1);
    });

    it('takes no login, since its cookie could not be sent', async () => {
      handler = (session) => session.login('eve').catch((error: { code: string }) => error.code);
      expect(await ask('GET', HANDSHAKE)).toBe('ERR_SESSION_HEAD_SENT');
      expect(await client.result((session) => session.subject)).toBe('ada');
    });

    it('stores what a route has changed that answers in place of an upgrade', async () => {
      handler = countTry;
      for (const path of ['/route', '/locked']) await ask('GET', HANDSHAKE, path);
      expect(await tries()).toBe(2);
      expect(app.seen('lostChange')).toEqual([]);
    });

    it('reports a change that is lost when its socket closes', async () => {
      const lost = app.nextEvent('lostChange');
      handler = async (session, request) => {
        await countTry(session, request);
        request.socket.destroy();
        await new Promise(() => undefined);
      };
      const { cookie } = client;
      sendRequest(`${app.url}/route`, { headers: { ...HANDSHAKE, cookie } }).on('error', () => undefined);
      expect(await lost).toMatchObject({ session: 'default' });
      expect(await tries()).toBeUndefined();
    });

    it('is like any other where it is no handshake', async () => {
      handler = countTry;
      await ask('GET', { upgrade: 'websocket' });
      await ask('POST', { upgrade: 'websocket' });
      await ask('POST', HANDSHAKE);
      expect(await tries()).toBe(3);
    });
  });

  it.each([
    ['POST', { upgrade: 'websocket' }],
    ['POST', HANDSHAKE],
    ['GET', HANDSHAKE],
  ])('is like any other where nobody upgrades: %s %j', async (method, headers) => {
    handler = countTry;
    await ask(method, headers);
    expect(await tries()).toBe(1);
    handler = (session) => session.login('eve');
    await ask(method, headers);
    expect(await client.result((session) => session.subject)).toBe('eve');
  });
});

import type { ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import http from 'node:http';
import { SessionGuard } from 'nestjs-session-crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { sessionsOf } from '../../lib/request/request-sessions.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { RecordingStore } from './support/gate-store.js';

class Gateway {
  message() {}
}

/** What Nest gives the guard of a gateway with each message. */
const messageOf = (client: object) =>
  ({
    getType: () => 'ws',
    getClass: () => Gateway,
    getHandler: () => Gateway.prototype.message,
    getArgs: () => [client],
    switchToWs: () => ({ getClient: () => client }),
  }) as unknown as ExecutionContext;

const admits = (context: ExecutionContext) =>
  new SessionGuard().canActivate(context).catch((error: Error) => error.constructor.name);

describe.each(ADAPTER_NAMES)('a socket that begins while the store is down, on %s', (adapter) => {
  let store: RecordingStore;
  let client: object;
  const admitted = () => admits(messageOf(client));

  beforeEach(() => {
    store = new RecordingStore();
    client = {};
  });

  /** Logs a visitor in, and resolves to the handshake of his page and to the application. */
  async function begin(onStoreDown: 'anonymous' | 'fail') {
    const app = await ScriptApp.start({ store, session: { onStoreDown } }, adapter);
    const visitor = app.client();
    await visitor.result((session) => session.login('ada'));
    const server = app.app.getHttpServer() as http.Server;
    const request = await new Promise<IncomingMessage>((resolve) => {
      server.once('upgrade', (handshake: IncomingMessage, socket: { destroy(): void }) => {
        resolve(handshake);
        socket.destroy();
      });
      const headers = { cookie: visitor.cookie, connection: 'Upgrade', upgrade: 'websocket' };
      http.get(app.url, { headers }).on('error', () => undefined);
    });
    return { app, request };
  }

  it('is anonymous for now, and has its user again after the outage', async () => {
    const { app, request } = await begin('anonymous');
    store.down = true;
    const attached = await app.sessions.attach(request, client);
    expect(attached.isNew).toBe(true);
    expect(await admitted()).toBe('UnauthorizedException');
    store.down = false;
    expect(await admitted()).toBe(true);
    expect((await sessionsOf(client)!.get().load()).subject).toBe('ada');
  });

  it('is refused for now, and has its user again after the outage', async () => {
    const { app, request } = await begin('fail');
    store.down = true;
    await expect(app.sessions.attach(request, client)).rejects.toThrow();
    expect(await admitted()).toBe('SessionStoreError');
    store.down = false;
    expect(await admitted()).toBe(true);
  });
});

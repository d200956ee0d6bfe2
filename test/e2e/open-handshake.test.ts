import http, { type IncomingMessage } from 'node:http';
import { memoryStore } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';

/** Sends the handshake of a socket to an application that listens to the event `upgrade` itself, and resolves to its request. */
async function handshake(app: ScriptApp, headers: Record<string, string>): Promise<IncomingMessage> {
  const server = app.app.getHttpServer() as http.Server;
  return new Promise((resolve) => {
    server.once('upgrade', (request: IncomingMessage, socket: { destroy(): void }) => {
      resolve(request);
      socket.destroy();
    });
    const all = { ...headers, connection: 'Upgrade', upgrade: 'websocket' };
    http.get(app.url, { headers: all }).on('error', () => undefined);
  });
}

describe.each(ADAPTER_NAMES)('SessionService.open() with the handshake of a socket, on %s', (adapter) => {
  it.each([
    ['a page of another origin', { origin: 'https://evil.example' }, undefined],
    [
      'a page of a sibling host',
      { 'sec-fetch-site': 'same-site', origin: 'https://b.shop.example' },
      undefined,
    ],
    ['a program that is no browser', {}, 'ada'],
  ])('gives %s its session only if attach() does', async (_who, headers, subject) => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const visitor = app.client();
    await visitor.result((session) => session.login('ada'));
    const request = await handshake(app, { ...headers, cookie: visitor.cookie } as Record<string, string>);
    expect((await app.sessions.open(request)).subject).toBe(subject);
    expect((await app.sessions.attach(request, {})).subject).toBe(subject);
  });

  it('takes no change of a page of another origin', async () => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const visitor = app.client();
    await visitor.result((session) => session.login('ada'));
    const headers = { cookie: visitor.cookie, origin: 'https://evil.example' };
    const session = await app.sessions.open(await handshake(app, headers));
    expect(() => session.set('cart', 'tea')).toThrow();
    expect(await visitor.result((own) => own.subject)).toBe('ada');
  });
});

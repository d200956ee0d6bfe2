import type { INestApplication } from '@nestjs/common';
import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { sendRequest } from '../../support/ask.js';

/** Sends handshakes through the routes, as @fastify/websocket and express-ws do: the route gets a response that nobody needs if it
 *  upgrades. */
export function routeHandshakes(app: INestApplication): void {
  const server = app.getHttpServer() as Server;
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.on('finish', () => {
      response.detachSocket(socket);
      socket.end();
    });
    server.emit('request', request, response);
  });
}

/** Opens a socket with these headers, and resolves to its handshake on the server. */
export function handshakeOf(
  app: INestApplication,
  url: string,
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const server = app.getHttpServer() as Server;
  return new Promise((resolve) => {
    server.once('upgrade', (handshake: IncomingMessage, socket: Socket) => {
      resolve(handshake);
      socket.destroy();
    });
    sendRequest(url, { headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers } }).on(
      'error',
      () => undefined,
    );
  });
}

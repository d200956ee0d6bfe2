import type { INestApplication } from '@nestjs/common';
import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

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

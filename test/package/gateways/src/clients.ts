import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { Sockets } from './application.js';

/** What a client was told: the event and its data. */
export interface Told {
  readonly event: string;
  readonly data: unknown;
}

/** A socket that waits for one message after each that it sends. */
export interface Client {
  ask(message: string): Promise<Told>;
  close(): void;
}

type Connect = (url: string, headers: Record<string, string>) => Promise<Client>;

const connectWs: Connect = (url, headers) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers });
    const next = () =>
      new Promise<Told>((told) => socket.once('message', (bytes) => told(JSON.parse(String(bytes)) as Told)));
    const ask = (event: string) => {
      const told = next();
      socket.send(JSON.stringify({ event, data: {} }));
      return told;
    };
    socket.once('open', () => resolve({ ask, close: () => socket.close() }));
    socket.once('error', reject);
  });

const connectSocketIo =
  (transports: string[]): Connect =>
  (url, extraHeaders) =>
    new Promise((resolve, reject) => {
      const socket: Socket = io(url, { extraHeaders, forceNew: true, reconnection: false, transports });
      const ask = (message: string) =>
        new Promise<Told>((told) => {
          socket.onAny((event: string, data: unknown) => {
            socket.offAny();
            told({ event, data });
          });
          socket.emit(message, {});
        });
      socket.once('connect', () => resolve({ ask, close: () => void socket.close() }));
      socket.once('connect_error', reject);
    });

const CONNECT: Readonly<Record<Sockets, Connect>> = {
  ws: connectWs,
  'socket.io': connectSocketIo(['polling', 'websocket']),
  'socket.io by polling': connectSocketIo(['polling']),
};

export const connect = (sockets: Sockets): Connect => CONNECT[sockets];

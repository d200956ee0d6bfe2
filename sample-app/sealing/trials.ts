import { Injectable } from '@nestjs/common';
import { InjectSession, SessionService, type SessionEventMap } from 'nestjs-session-crypto';
import { AsyncLocalStorage } from 'node:async_hooks';
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Attempt } from './attempts.js';
import { DEMO, type DemoSession } from './demo-session.js';

type Rejection = SessionEventMap['rejected'];

/** What the package made of a cookie. */
export interface Trial {
  /** What the visitor learns: whether there is a session. */
  readonly opened: boolean;
  /** What the operator learns: the event `rejected`, where the cookie was refused. */
  readonly rejection?: Rejection;
}

/** Sends cookies through the package, as a request that brings them does. */
@Injectable()
export class Trials {
  /** Of the cookies that are tried at the same time, each hears its own event. */
  private readonly heard = new AsyncLocalStorage<Rejection[]>();

  constructor(@InjectSession(DEMO) private readonly sessions: SessionService<DemoSession>) {
    sessions.events.on('rejected', (detail) => void this.heard.getStore()?.push(detail));
  }

  async open({ name, text, path }: Attempt, { socket, headers }: RequestLike): Promise<Trial> {
    const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url: path });
    request.headers = { host: headers.host, cookie: `${name}=${text}` };
    const rejections: Rejection[] = [];
    const session = await this.heard.run(rejections, () => this.sessions.open(request));
    return { opened: !session.isNew, ...(rejections[0] && { rejection: rejections[0] }) };
  }
}

/** What the requests of Express and Fastify have in common. */
export interface RequestLike {
  readonly socket: Socket;
  readonly headers: IncomingMessage['headers'];
}

import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Post, UseGuards, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import type { IncomingMessage } from 'node:http';
import {
  CsrfToken,
  CurrentSession,
  CurrentSubject,
  memoryStore,
  RequireSession,
  Session,
  SessionCryptoModule,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
} from 'nestjs-session-crypto';

@Controller()
class Pages {
  constructor(private readonly sessions: SessionService) {}

  @Post('login')
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
  }

  @Post('logout')
  async logout(@CurrentSession() session: Session) {
    await session.logout();
  }

  @Post('regenerate')
  async regenerate(@CurrentSession() session: Session) {
    await session.regenerate();
  }

  @Post('revoke')
  async revoke() {
    await this.sessions.revokeSubject('ada');
  }

  @Get('token')
  token(@CsrfToken() token: string) {
    return { token };
  }
}

/** The messages are the same in every kind of gateway. */
@Injectable()
class Messages {
  constructor(readonly sessions: SessionService) {}

  @SubscribeMessage('open')
  open(@CurrentSubject() subject: string | undefined) {
    return { event: 'open', data: subject ?? null };
  }

  @SubscribeMessage('me')
  @UseGuards(SessionGuard)
  me(@CurrentSubject() subject: string) {
    return { event: 'me', data: subject };
  }

  @SubscribeMessage('fresh')
  @UseGuards(SessionGuard)
  @RequireSession({ fresh: 0 })
  fresh() {
    return { event: 'fresh', data: true };
  }

  @SubscribeMessage('count')
  async count(@CurrentSession() session: Session<{ count: number }>) {
    return { event: 'count', data: await session.increment('count', 1, { commit: true }) };
  }

  @SubscribeMessage('note')
  @UseGuards(SessionGuard)
  async note(@CurrentSession() session: Session<{ note: string }>) {
    session.set('note', 'kept');
    await session.save();
    return { event: 'note', data: session.get('note') };
  }

  @SubscribeMessage('read')
  @UseGuards(SessionGuard)
  read(@CurrentSession() session: Session<{ note: string; count: number }>) {
    return { event: 'read', data: [session.get('note') ?? null, session.get('count') ?? null] };
  }

  @SubscribeMessage('login')
  async login(@CurrentSession() session: Session) {
    return session.login('eve').catch(({ code }: { code: string }) => ({ event: 'login', data: code }));
  }

  @SubscribeMessage('change')
  @UseGuards(SessionCsrfGuard)
  change() {
    return { event: 'change', data: true };
  }
}

const ORIGINS = ['https://app.example'];

@WebSocketGateway()
class WsGateway extends Messages implements OnGatewayConnection {
  async handleConnection(client: object, request: IncomingMessage) {
    await this.sessions.attach(request, client, { origins: ORIGINS });
  }
}

@WebSocketGateway()
class SocketIoGateway extends Messages implements OnGatewayConnection {
  async handleConnection(client: { request: IncomingMessage }) {
    await this.sessions.attach(client.request, client, { origins: ORIGINS });
  }
}

export type Platform = 'express' | 'fastify';
export type Sockets = 'ws' | 'socket.io' | 'socket.io by polling';

export async function start(platform: Platform, sockets: Sockets): Promise<INestApplication> {
  @Module({
    imports: [
      SessionCryptoModule.forRoot({
        crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
        store: memoryStore({ allowInProduction: true }),
      }),
    ],
    controllers: [Pages],
    providers: [sockets === 'ws' ? WsGateway : SocketIoGateway],
  })
  class AppModule {}

  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(sockets === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
  await app.listen(0, '127.0.0.1');
  return app;
}

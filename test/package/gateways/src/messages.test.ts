// Messages of microservices (TCP, hybrid) and server-sent events, with the packed package.
import 'reflect-metadata';
import { Controller, Get, Module, Post, Sse, UseGuards, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  Transport,
  type ClientProxy,
} from '@nestjs/microservices';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { concat, concatMap, defer, interval, lastValueFrom, map, of, takeWhile } from 'rxjs';
import {
  CurrentSession,
  CurrentSubject,
  memoryStore,
  Session,
  SessionCryptoModule,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
  SkipSession,
} from 'nestjs-session-crypto';

@Controller()
class Handlers {
  constructor(private readonly sessions: SessionService<{ count: number }>) {}

  @Post('login')
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
    return { id: session.id };
  }

  @Post('revoke')
  revoke() {
    return this.sessions.revokeSubject('ada');
  }

  @Get('count')
  count(@CurrentSession() session: Session<{ count: number }>) {
    return { count: session.get('count') ?? 0 };
  }

  /** Ends when the session ends. */
  @Sse('events')
  @UseGuards(SessionGuard)
  events(@CurrentSession() session: Session) {
    return interval(20).pipe(
      concatMap(() => session.reload()),
      takeWhile(() => !session.isNew),
      map(() => ({ data: session.subject! })),
    );
  }

  /** Nest sends the head with the first event. */
  @Sse('saved')
  saved(@CurrentSession() session: Session<{ count: number }>) {
    const save = async () => {
      session.increment('count');
      await session.save();
      return { data: 'saved' };
    };
    return concat(of({ data: 'first' }), defer(save));
  }

  @Sse('lost')
  lost(@CurrentSession() session: Session<{ count: number }>) {
    const lose = () =>
      new Promise<{ data: string }>((told) => {
        this.sessions.events.on('lostChange', ({ session: name }) => told({ data: name }));
        session.increment('count');
      });
    return concat(of({ data: 'first' }), defer(lose));
  }

  @MessagePattern('decorated')
  @SkipSession()
  decorated(@CurrentSubject() subject: string) {
    return subject;
  }

  @MessagePattern('guarded')
  guarded() {
    return 'never';
  }

  @MessagePattern('csrf')
  @SkipSession()
  @UseGuards(SessionCsrfGuard)
  csrf() {
    return 'no browser sends it';
  }

  @MessagePattern('work')
  @SkipSession()
  work(@Payload() id: string) {
    return this.sessions.runWithSession(id, async (session) => {
      session.increment('count');
      return (await this.sessions.current()).subject;
    });
  }

  @EventPattern('happened')
  @SkipSession()
  happened(@CurrentSession() session: Session) {
    return session.id;
  }
}

@Module({
  imports: [
    SessionCryptoModule.forRoot({
      crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
      store: memoryStore({ allowInProduction: true }),
    }),
  ],
  controllers: [Handlers],
})
class AppModule {}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

describe('an application with messages of a microservice', () => {
  const lines: string[] = [];
  let app: INestApplication;
  let url: string;
  let client: ClientProxy;

  before(async () => {
    const keep = (...parts: unknown[]) => void lines.push(parts.map(String).join(' '));
    const ignore = () => undefined;
    const logger = { error: keep, warn: keep, log: ignore, debug: ignore, verbose: ignore, fatal: keep };
    app = await NestFactory.create(AppModule, { logger });
    app.useGlobalGuards(new SessionGuardOfMessages());
    const options = { host: '127.0.0.1', port: await freePort() };
    app.connectMicroservice({ transport: Transport.TCP, options }, { inheritAppConfig: true });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    client = ClientProxyFactory.create({ transport: Transport.TCP, options });
  });
  after(async () => {
    await client.close();
    await app.close();
  });

  /** Guards the messages alone, so that the routes of this application can be asked without a login. */
  class SessionGuardOfMessages extends SessionGuard {
    override async canActivate(context: Parameters<SessionGuard['canActivate']>[0]) {
      return context.getType<string>() === 'rpc' ? super.canActivate(context) : true;
    }
  }

  const ask = (pattern: string, data: unknown = {}) => lastValueFrom(client.send<unknown>(pattern, data));
  const login = async () => {
    const response = await fetch(`${url}/login`, { method: 'POST' });
    const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
    return { cookie, id: ((await response.json()) as { id: string }).id };
  };
  const count = async (cookie: string) =>
    ((await (await fetch(`${url}/count`, { headers: { cookie } })).json()) as { count: number }).count;

  for (const [pattern, what] of [
    ['decorated', 'a decorator'],
    ['guarded', 'a global guard'],
  ] as const)
    it(`says in its log what to do when ${what} asks for a session`, async () => {
      await assert.rejects(ask(pattern), { status: 'error', message: 'Internal server error' });
      const line = lines.find((one) => one.includes(`Handlers.${pattern}()`));
      assert.match(line ?? '', /message of a microservice.*runWithSession.*@SkipSession/);
    });

  it('says so too when nobody waits for an answer', async () => {
    await lastValueFrom(client.emit('happened', {}));
    assert.equal(await ask('csrf'), 'no browser sends it'); // the event came before it on the same connection
    assert.match(lines.find((one) => one.includes('Handlers.happened()')) ?? '', /runWithSession/);
  });

  it('works with the session whose id a message brings', async () => {
    const { cookie, id } = await login();
    assert.equal(await ask('work', id), 'ada');
    assert.equal(await count(cookie), 1);
    await fetch(`${url}/revoke`, { method: 'POST' });
    await assert.rejects(ask('work', id), { message: 'Internal server error' });
    assert.ok(lines.some((one) => one.includes('No live session has this id')));
  });

  describe('its server-sent events', () => {
    const listen = (path: string, cookie: string) => fetch(`${url}/${path}`, { headers: { cookie } });

    it('end when the session ends', async () => {
      const { cookie } = await login();
      const response = await listen('events', cookie);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!text.includes('ada')) text += (await reader.read()).value ?? '';
      await fetch(`${url}/revoke`, { method: 'POST' });
      while (!(await reader.read()).done); // ends, or the test times out
      assert.equal((await listen('events', cookie)).status, 401);
    });

    it('store what they save, and report what they do not save', async () => {
      const { cookie } = await login();
      assert.match(await (await listen('saved', cookie)).text(), /data: saved/);
      assert.equal(await count(cookie), 1);
      assert.match(await (await listen('lost', cookie)).text(), /data: default/);
      assert.equal(await count(cookie), 1);
    });
  });
});

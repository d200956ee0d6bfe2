import 'reflect-metadata';
import middie from '@fastify/middie';
import {
  Controller,
  Get,
  Inject,
  Module,
  Req,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { CurrentSession, SessionCryptoModule, SessionService, type Session } from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName, ADAPTERS } from '../support/adapters.js';
import { Client } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

type Visits = Session<{ visits: number }>;
/** What of a plugin's context is used here. */
interface PluginContext {
  get(path: string, handler: (request: { raw: IncomingMessage }) => Promise<unknown>): void;
}

let app: INestApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

@Controller()
class VisitsController {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  @Get('here')
  async here() {
    const session = (await this.sessions.current()) as unknown as Visits;
    return { visits: session.increment('visits') };
  }

  @Get('given')
  given(@CurrentSession() session: Visits) {
    return { visits: session.increment('visits') };
  }

  @Get('opened')
  async opened(@Req() request: IncomingMessage) {
    const session = (await this.sessions.open(request)) as unknown as Visits;
    return { visits: session.increment('visits') };
  }

  @Get('code')
  async code() {
    return this.sessions
      .current()
      .catch(({ code, message }: Error & { code: string }) => ({ code, message }));
  }
}

const sessions = (session = {}) => SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, session });

/** Imported first, so that its middleware would come first if both were mounted alike. */
@Module({})
class CountingModule implements NestModule {
  constructor(@Inject(SessionService) private readonly service: SessionService) {}

  configure(consumer: MiddlewareConsumer): void {
    const count = async (_request: unknown, _response: unknown, next: (error?: unknown) => void) => {
      await this.service.current().then((session) => void (session as unknown as Visits).increment('visits'));
      next();
    };
    consumer.apply(count).forRoutes('{*splat}');
  }
}

async function create(adapter: AdapterName | FastifyAdapter, imports: unknown[]): Promise<INestApplication> {
  @Module({ imports: imports as never[], controllers: [VisitsController] })
  class AppModule {}
  const made = typeof adapter === 'string' ? new ADAPTERS[adapter]() : adapter;
  return (app = await NestFactory.create(AppModule, made, { logger: false }));
}

async function clientOf(started: INestApplication): Promise<Client> {
  await started.listen(0, '127.0.0.1');
  return new Client((await started.getUrl()).replace('[::1]', '127.0.0.1'));
}

describe.each(ADAPTER_NAMES)('the middleware on %s', (adapter) => {
  it("comes before the middleware of the application's modules", async () => {
    const client = await clientOf(await create(adapter, [CountingModule, sessions()]));
    expect((await client.get('/here')).body).toEqual({ visits: 2 });
    expect((await client.get('/given')).body).toEqual({ visits: 4 });
  });

  it('covers what lies outside the prefix of the application', async () => {
    const created = await create(adapter, [sessions()]);
    created.setGlobalPrefix('api', { exclude: ['given'] });
    const client = await clientOf(created);
    expect((await client.get('/api/here')).body).toEqual({ visits: 1 });
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });

  it('gives by open() the session that the handlers see, and stores its changes with the head', async () => {
    const client = await clientOf(await create(adapter, [sessions()]));
    expect((await client.get('/opened')).cookies).toHaveLength(1);
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });

  it('keeps no AsyncLocalStorage with asyncContext: false, and everything else works', async () => {
    const client = await clientOf(await create(adapter, [sessions({ asyncContext: false })]));
    expect((await client.get('/given')).body).toEqual({ visits: 1 });
    expect((await client.get('/opened')).body).toEqual({ visits: 2 });
    expect((await client.get('/code')).body).toEqual({
      code: 'ERR_SESSION_NO_REQUEST',
      message: 'session.asyncContext is false, so no request is known here; use SessionService.open(request)',
    });
  });
});

describe('on Fastify', () => {
  it("covers the routes of a plugin's own context", async () => {
    const created = (await create('fastify', [sessions()])) as NestFastifyApplication;
    const service = created.get(SessionService);
    const visit = (session: object) => ({ visits: (session as Visits).increment('visits') });
    const plugin = async (context: PluginContext) => {
      context.get('/plugin', (request) => service.open(request.raw).then(visit));
    };
    await created.register(plugin as never);
    const client = await clientOf(created);
    expect((await client.get('/plugin')).body).toEqual({ visits: 1 });
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });

  it('waits for a middie that the application registers itself', async () => {
    const created = (await create(new FastifyAdapter({ skipMiddie: true }), [
      sessions(),
    ])) as NestFastifyApplication;
    await created.register(middie as never);
    const client = await clientOf(created);
    expect((await client.get('/here')).body).toEqual({ visits: 1 });
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });
});

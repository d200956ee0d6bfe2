import middie from '@fastify/middie';
import {
  Controller,
  Get,
  Inject,
  Module,
  Req,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import express from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { CurrentSession, SessionCryptoModule, SessionService, type Session } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { type AppPlan, SECRET, startApp } from '../support/test-app.js';

type Handle = (request: object, response: object, done?: unknown) => void;
type Visits = Session<{ visits: number }>;
/** What of a plugin's context is used here. */
interface PluginContext {
  get(path: string, handler: (request: { raw: IncomingMessage }) => Promise<unknown>): void;
}

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

const visitorOf = async (plan: AppPlan) =>
  (await startApp({ ...plan, controllers: [VisitsController] })).visitor();

describe.each(ADAPTER_NAMES)('the middleware on %s', (adapter) => {
  it("comes before the middleware of the application's modules", async () => {
    const client = await visitorOf({ adapter, imports: [CountingModule, sessions()] });
    expect((await client.get('/here')).body).toEqual({ visits: 2 });
    expect((await client.get('/given')).body).toEqual({ visits: 4 });
  });

  it('covers what lies outside the prefix of the application', async () => {
    const client = await visitorOf({
      adapter,
      imports: [sessions()],
      prepare: (app) => app.setGlobalPrefix('api', { exclude: ['given'] }),
    });
    expect((await client.get('/api/here')).body).toEqual({ visits: 1 });
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });

  it('gives by open() the session that the handlers see, and stores its changes with the head', async () => {
    const client = await visitorOf({ adapter, imports: [sessions()] });
    expect((await client.get('/opened')).cookies).toHaveLength(1);
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });

  it('keeps no AsyncLocalStorage with asyncContext: false, and everything else works', async () => {
    const client = await visitorOf({ adapter, imports: [sessions({ asyncContext: false })] });
    expect((await client.get('/given')).body).toEqual({ visits: 1 });
    expect((await client.get('/opened')).body).toEqual({ visits: 2 });
    expect((await client.get('/code')).body).toEqual({
      code: 'ERR_SESSION_NO_REQUEST',
      message:
        'session.asyncContext is false, so no request is known here; use SessionService.open(request), or runWithSession(id, …) in a job or a timer',
    });
  });
});

describe('on Express', () => {
  const writer = (request: IncomingMessage, response: ServerResponse) => {
    const service = (request as IncomingMessage & { service: SessionService }).service;
    void service.current().then((session) => {
      const visits = (session as unknown as Visits).increment('visits');
      response.end(JSON.stringify({ visits }));
    });
  };

  /** A dashboard that a module applies as a middleware: Express does not know that it is mounted, and gives the response
   *  another prototype for good. */
  @Module({})
  class DashboardModule implements NestModule {
    constructor(@Inject(SessionService) private readonly service: SessionService) {}

    configure(consumer: MiddlewareConsumer): void {
      const dashboard = express();
      dashboard.use((request, _response, next) =>
        next(void Object.assign(request, { service: this.service })),
      );
      dashboard.use(writer as never);
      consumer.apply(dashboard).forRoutes('dashboard');
    }
  }

  it('holds the head for an Express application inside that Express has not mounted', async () => {
    const client = await visitorOf({ adapter: 'express', imports: [DashboardModule, sessions()] });
    expect((await client.get('/dashboard')).cookies).toHaveLength(1);
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });
});

describe.runIf(/^v(20|22)\./.test(process.version))('on Express with Node 20 and 22', () => {
  it('gets requests and responses that Express need not change', async () => {
    const made: boolean[] = [];
    const client = await visitorOf({
      adapter: 'express',
      imports: [sessions()],
      prepare: (app) => {
        const express = app.getHttpAdapter().getInstance() as express.Express & { handle: Handle };
        const { handle } = express;
        express.handle = (...args) => {
          made.push(Object.getPrototypeOf(args[0]) === express.request);
          made.push(Object.getPrototypeOf(args[1]) === express.response);
          handle.apply(express, args);
        };
      },
    });
    expect((await client.get('/given')).body).toEqual({ visits: 1 });
    expect(made).toEqual([true, true]);
  });
});

describe('on Fastify', () => {
  it("covers the routes of a plugin's own context", async () => {
    const visit = (session: object) => ({ visits: (session as Visits).increment('visits') });
    const pluginOf = (service: SessionService) => async (context: PluginContext) => {
      context.get('/plugin', (request) => service.open(request.raw).then(visit));
    };
    const client = await visitorOf({
      adapter: 'fastify',
      imports: [sessions()],
      prepare: (app) => (app as NestFastifyApplication).register(pluginOf(app.get(SessionService)) as never),
    });
    expect((await client.get('/plugin')).body).toEqual({ visits: 1 });
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });

  it('waits for a middie that the application registers itself', async () => {
    const client = await visitorOf({
      adapter: new FastifyAdapter({ skipMiddie: true }),
      imports: [sessions()],
      prepare: (app) => (app as NestFastifyApplication).register(middie as never),
    });
    expect((await client.get('/here')).body).toEqual({ visits: 1 });
    expect((await client.get('/given')).body).toEqual({ visits: 2 });
  });
});

import { Controller, Get, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import {
  fastifySession,
  type FastifySession,
  type FastifySessionOptions,
} from 'nestjs-session-crypto/express';
import type { Answer, Question } from '../../support/ask.js';
import { ShiftedClock } from '../../support/shifted-clock.js';
import { launch, TestApp, type AppPlan } from '../../support/test-app.js';
import { Visitor } from '../../support/visitor.js';

/** A session as code for @fastify/session sees it. */
type Loose = FastifySession & Record<string, any>; // oxlint-disable-line typescript/no-explicit-any
type Request = Omit<FastifyRequest, 'session'> & { session: Loose };
type Script = (request: Request) => unknown;

const scripts = new Map<string, Script>();

@Controller()
class FastifyController {
  @Get('untouched')
  untouched() {
    return {};
  }

  /** Runs what the test wrote, with the request. */
  @Post('run/:id')
  async run(@Req() request: Request) {
    return { result: await scripts.get((request.params as { id: string }).id)!(request) };
  }
}

export interface FastifyPlan extends AppPlan {
  readonly fastify?: FastifySessionOptions;
  plugins?(app: NestFastifyApplication): unknown;
}

/** An application of Fastify with `request.session`, whose handlers are written by the test that calls them. */
export class FastifyApp extends TestApp {
  static async start({ fastify, plugins, ...plan }: FastifyPlan): Promise<FastifyApp> {
    const launched = await launch({
      ...plan,
      adapter: 'fastify',
      controllers: [FastifyController, ...(plan.controllers ?? [])],
      replace: [new ShiftedClock().replacement, ...(plan.replace ?? [])],
      async prepare(app) {
        const nest = app as NestFastifyApplication;
        await nest.register(fastifySession(nest, fastify));
        await plugins?.(nest);
      },
    });
    return new FastifyApp(launched);
  }

  client(): FastifyClient {
    return new FastifyClient(this.url);
  }
}

/** A visitor whose requests run scripts. */
class FastifyClient extends Visitor {
  override copy(url = this.url): FastifyClient {
    return new FastifyClient(url, new Map(this.jar));
  }

  /** Runs a script in a handler and gives the response. */
  async run(script: Script, { headers }: Question = {}): Promise<Answer> {
    const id = randomUUID();
    scripts.set(id, script);
    try {
      return await this.send('POST', `/run/${id}`, { json: {}, headers });
    } finally {
      scripts.delete(id);
    }
  }

  /** Runs a script and gives its result; throws if the response is an error. */
  async result(script: Script): Promise<unknown> {
    const { status, body } = await this.run(script);
    if (status >= 400) throw new Error(`status ${status}`);
    return (body as { result: unknown }).result;
  }
}

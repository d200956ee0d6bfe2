import { Controller, Get, Post, Req } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { Request } from 'express';
import { randomUUID } from 'node:crypto';
import {
  expressSession,
  type ExpressSession,
  type ExpressSessionOptions,
} from 'nestjs-session-crypto/express';
import type { Answer } from '../../support/ask.js';
import { ShiftedClock } from '../../support/shifted-clock.js';
import { launch, TestApp, type AppPlan } from '../../support/test-app.js';
import { Visitor } from '../../support/visitor.js';

/** A session as code for express-session sees it. */
export type Loose = ExpressSession & Record<string, any>; // oxlint-disable-line typescript/no-explicit-any
export type ExpressRequest = Omit<Request, 'session' | 'sessionID'> & { session: Loose; sessionID: string };
export type ExpressScript = (request: ExpressRequest) => unknown;

/** The values of a session, without its cookie. */
export function valuesOf(session: Loose): Record<string, unknown> {
  const { cookie: _, ...values } = session;
  return values;
}

const scripts = new Map<string, ExpressScript>();

@Controller()
class ExpressController {
  @Get('untouched')
  untouched() {
    return {};
  }

  /** Runs what the test wrote, with the request. */
  @Post('run/:id')
  async run(@Req() request: ExpressRequest) {
    return { result: await scripts.get(String(request.params['id']))!(request) };
  }
}

export interface ExpressPlan extends AppPlan {
  readonly express?: ExpressSessionOptions;
}

/** An application of Express with `req.session`, whose handlers are written by the test that calls them. */
export class ExpressApp extends TestApp {
  readonly clock: ShiftedClock;

  private constructor(launched: Awaited<ReturnType<typeof launch>>, clock: ShiftedClock) {
    super(launched);
    this.clock = clock;
  }

  static async start({ express, prepare, ...plan }: ExpressPlan): Promise<ExpressApp> {
    const clock = new ShiftedClock();
    const launched = await launch({
      ...plan,
      controllers: [ExpressController, ...(plan.controllers ?? [])],
      replace: [clock.replacement, ...(plan.replace ?? [])],
      async prepare(app: INestApplication) {
        app.use(expressSession(app, express));
        await prepare?.(app);
      },
    });
    return new ExpressApp(launched, clock);
  }

  client(): ExpressClient {
    return new ExpressClient(this.url);
  }
}

/** A visitor whose requests run scripts. */
export class ExpressClient extends Visitor {
  override copy(url = this.url): ExpressClient {
    return new ExpressClient(url, new Map(this.jar));
  }

  /** Runs a script in a handler and gives the response. */
  async run(script: ExpressScript): Promise<Answer> {
    const id = randomUUID();
    scripts.set(id, script);
    try {
      return await this.send('POST', `/run/${id}`, { json: {} });
    } finally {
      scripts.delete(id);
    }
  }

  /** Runs a script and gives its result; throws if the response is an error. */
  async result(script: ExpressScript): Promise<unknown> {
    const { status, body } = await this.run(script);
    if (status >= 400) throw new Error(`status ${status}`);
    return (body as { result: unknown }).result;
  }
}

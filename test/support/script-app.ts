import { Controller, Get, Param, Post, type ModuleMetadata, type Type } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CurrentSession, type Session } from 'nestjs-session-crypto';
import type { AdapterName } from './adapters.js';
import type { Answer, Question } from './ask.js';
import { ShiftedClock } from './shifted-clock.js';
import { launch, TestApp, type LaunchedApp, type SessionPlan } from './test-app.js';
import { Visitor } from './visitor.js';

export type Script = (session: Session<Record<string, unknown>>) => unknown;

const scripts = new Map<string, Script>();

@Controller()
class ScriptController {
  @Get('untouched')
  untouched() {
    return {};
  }

  /** Runs what the test wrote, with the session of the request. */
  @Post('run/:id')
  async run(@Param('id') id: string, @CurrentSession() session: Session<Record<string, unknown>>) {
    return { result: await scripts.get(id)!(session) };
  }
}

/** An application whose handlers are written by the test that calls them, and whose clock the test can shift. */
export class ScriptApp extends TestApp {
  private constructor(
    launched: LaunchedApp,
    private readonly clock: ShiftedClock,
  ) {
    super(launched);
  }

  static async start(
    session: SessionPlan = {},
    adapter: AdapterName = 'express',
    others: readonly Type[] = [],
    imports: ModuleMetadata['imports'] = [],
  ): Promise<ScriptApp> {
    const clock = new ShiftedClock();
    const plan = {
      adapter,
      session,
      imports,
      controllers: [ScriptController, ...others],
      replace: [clock.replacement],
    };
    return new ScriptApp(await launch(plan), clock);
  }

  /** Seconds that the clock of the sessions is ahead. */
  get ahead(): number {
    return this.clock.ahead;
  }

  set ahead(seconds: number) {
    this.clock.ahead = seconds;
  }

  client(): Client {
    return new Client(this.url);
  }
}

/** What a request of a script has besides the cookies of its client. */
type Extras = Question & { readonly query?: string };

/** A visitor whose requests run scripts. */
export class Client extends Visitor {
  override copy(url = this.url): Client {
    return new Client(url, new Map(this.jar));
  }

  /** Runs a script in a handler and gives the response. */
  async run(script: Script, { query = '', ...question }: Extras = {}): Promise<Answer> {
    const id = randomUUID();
    scripts.set(id, script);
    try {
      return await this.send('POST', `/run/${id}${query}`, question);
    } finally {
      scripts.delete(id);
    }
  }

  /** Runs a script and gives its result; throws if the response is an error. */
  async result(script: Script): Promise<unknown> {
    const { status, body } = await this.run(script);
    if (status >= 400) throw new Error(`status ${status}`);
    return (body as { result?: unknown }).result;
  }
}

// Test files that belong to other rooms import these names from here.
export { ADAPTERS, type AdapterName } from './adapters.js';
export type { Answer } from './ask.js';
export { SECRET } from './test-app.js';

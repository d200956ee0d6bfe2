import 'reflect-metadata';
import { Controller, Get, Module, Param, Post, type INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import {
  CurrentSession,
  getSessionClockToken,
  SessionCryptoModule,
  SessionService,
  type Session,
  type SessionCryptoOptions,
  type SessionEventMap,
  type SessionEventName,
} from 'nestjs-session-crypto';

export type Script = (session: Session<Record<string, unknown>>) => unknown;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Set-Cookie lines. */
  readonly cookies: readonly string[];
  readonly headers: Headers;
}

export const SECRET = `hex:${'11'.repeat(32)}`;
export const ADAPTERS = { express: ExpressAdapter, fastify: FastifyAdapter } as const;
export type AdapterName = keyof typeof ADAPTERS;

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
export class ScriptApp {
  readonly events: [SessionEventName, unknown][] = [];
  /** Seconds that the sessions' clock is ahead. */
  ahead = 0;

  private constructor(
    readonly app: INestApplication,
    readonly url: string,
  ) {}

  static async start(
    options: Partial<SessionCryptoOptions> = {},
    adapter: AdapterName = 'express',
  ): Promise<ScriptApp> {
    const module = SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, ...options });
    @Module({ imports: [module], controllers: [ScriptController] })
    class AppModule {}
    let started: ScriptApp | undefined;
    const shift = (actual: Date) => new Date(actual.getTime() + 1000 * (started?.ahead ?? 0));
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(getSessionClockToken())
      .useValue(shift)
      .setLogger(false as never)
      .compile();
    const app = testing.createNestApplication(new (ADAPTERS[adapter] as typeof ExpressAdapter)(), {
      logger: false,
    });
    await app.listen(0, '127.0.0.1');
    started = new ScriptApp(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'));
    started.record();
    return started;
  }

  get sessions(): SessionService {
    return this.app.get(SessionService);
  }

  client(): Client {
    return new Client(this.url);
  }

  /** Names of the events since the start, or details of one kind. */
  seen(): SessionEventName[];
  seen<E extends SessionEventName>(event: E): SessionEventMap[E][];
  seen(event?: SessionEventName): unknown[] {
    return event
      ? this.events.filter(([name]) => name === event).map(([, detail]) => detail)
      : this.events.map(([name]) => name);
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private record(): void {
    const events: SessionEventName[] = [
      'rejected', 'ambiguous', 'created', 'regenerated', 'ended', 'conflict', 'dropped', 'reused', 'lostChange',
      'touchFailed', 'storeDown', 'storeUp', 'commitFailed', 'keysReloaded', 'keysFailed',
    ]; // prettier-ignore
    for (const event of events) this.sessions.events.on(event, (detail) => this.events.push([event, detail]));
  }
}

/** A browser with one cookie jar. */
export class Client {
  readonly jar = new Map<string, string>();

  constructor(readonly url: string) {}

  /** Another client with the same cookies, as a second request of the same browser that is under way. */
  copy(url = this.url): Client {
    const twin = new Client(url);
    for (const [name, value] of this.jar) twin.jar.set(name, value);
    return twin;
  }

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Runs a script in a handler and gives the answer. */
  async run(script: Script): Promise<Answer> {
    const id = randomUUID();
    scripts.set(id, script);
    try {
      return await this.send('POST', `/run/${id}`);
    } finally {
      scripts.delete(id);
    }
  }

  /** Runs a script and gives its result; throws when the answer is an error. */
  async result(script: Script): Promise<unknown> {
    const { status, body } = await this.run(script);
    if (status >= 400) throw new Error(`status ${status}`);
    return (body as { result?: unknown }).result;
  }

  /** For applications that do not run scripts. */
  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  async send(method: string, path: string): Promise<Answer> {
    const headers: Record<string, string> = this.jar.size ? { cookie: this.cookie } : {};
    const response = await fetch(this.url + path, { method, headers });
    const cookies = response.headers.getSetCookie();
    for (const line of cookies) this.keep(line);
    const text = await response.text();
    return { status: response.status, body: parsed(text), cookies, headers: response.headers };
  }

  private keep(line: string): void {
    const pair = line.split(';')[0]!;
    const name = pair.slice(0, pair.indexOf('='));
    if (/; Max-Age=0(;|$)/.test(line)) this.jar.delete(name);
    else this.jar.set(name, pair.slice(name.length + 1));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

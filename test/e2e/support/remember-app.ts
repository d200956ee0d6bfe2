import 'reflect-metadata';
import { Controller, Get, Module, Param, Post, Req, UseGuards, type INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import {
  CurrentSession,
  getSessionClockToken,
  memoryStore,
  ReadonlySession,
  RequireSession,
  SessionCryptoModule,
  SessionGuard,
  SessionService,
  SkipSession,
  UseSession,
  type Session,
  type SessionCryptoOptions,
  type SessionEventName,
} from 'nestjs-session-crypto';
import {
  RememberMeModule,
  RememberMeService,
  type RememberMeOptions,
} from '../../../lib/remember-me/index.js';
import { ADAPTERS, Client, SECRET, type AdapterName, type Answer } from '../../support/script-app.js';

/** The body of a handler. */
export type Script = (session: Session, rememberMe: RememberMeService, request: object) => unknown;
/** The scripts of running requests, by the id in their path. */
export const scripts = new Map<string, Script>();

/** Logs a subject in and remembers its browser. */
export const logInAndRemember =
  (subject = 'ada'): Script =>
  async (session, rememberMe) => {
    await session.login(subject);
    await rememberMe.remember();
  };

@Controller()
export class AppController {
  constructor(private readonly rememberMe: RememberMeService) {}

  @Post('run/:id')
  @SkipSession() // for the guard, so that scripts can log in
  async run(@Param('id') id: string, @CurrentSession() session: Session, @Req() request: object) {
    return { result: await scripts.get(id)!(session, this.rememberMe, request) };
  }

  @Post('forget')
  async forget() {
    await this.rememberMe.forget();
  }

  @Get('untouched')
  untouched() {
    return {};
  }

  @Get('skipped')
  @SkipSession()
  skipped() {
    return {};
  }

  @Get('who')
  who(@CurrentSession() session: Session) {
    return { subject: session.subject ?? null };
  }

  @Get('mine')
  @UseGuards(SessionGuard)
  mine(@CurrentSession() session: Session) {
    return { subject: session.subject, proved: session.authenticatedAt !== undefined };
  }

  @Get('fresh')
  @UseGuards(SessionGuard)
  @RequireSession({ fresh: 900 })
  fresh() {
    return {};
  }

  @Get('readonly')
  @UseGuards(SessionGuard)
  @ReadonlySession()
  readonly(@CurrentSession() session: Session) {
    return { subject: session.subject };
  }

  @Get('lately')
  @UseGuards(SessionGuard)
  @UseSession({ idleTimeout: 120 })
  lately(@CurrentSession() session: Session) {
    return { subject: session.subject };
  }
}

/** An application with remember-me. The test writes its handlers and can move its clock. */
export class RememberApp {
  /** Seconds that the application's clock is ahead. */
  ahead = 0;
  readonly events: [SessionEventName, unknown][] = [];

  private constructor(
    readonly app: INestApplication,
    readonly url: string,
  ) {}

  static async start(
    adapter: AdapterName,
    { session = {}, remember, guard = false }: Setup,
  ): Promise<RememberApp> {
    const base: SessionCryptoOptions = { crypto: { secrets: [SECRET] }, store: memoryStore(), ...session };
    @Module({
      imports: [RememberMeModule.forRoot(remember), SessionCryptoModule.forRoot(base)],
      controllers: [AppController],
      providers: guard ? [{ provide: APP_GUARD, useClass: SessionGuard }] : [],
    })
    class AppModule {}
    let started: RememberApp | undefined;
    const shift = (actual: Date) => new Date(actual.getTime() + 1000 * (started?.ahead ?? 0));
    const testing = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(getSessionClockToken())
      .useValue(shift)
      .compile();
    const platform = new (ADAPTERS[adapter] as typeof ExpressAdapter)();
    const app = testing.createNestApplication(platform, { logger: false });
    await app.listen(0, '127.0.0.1');
    started = new RememberApp(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'));
    started.record();
    return started;
  }

  get rememberMe(): RememberMeService {
    return this.app.get(RememberMeService);
  }

  get sessions(): SessionService {
    return this.app.get(SessionService);
  }

  /** Returns the details of all events of one name. */
  seen(event: SessionEventName): unknown[] {
    return this.events.filter(([name]) => name === event).map(([, detail]) => detail);
  }

  client(): Client {
    return new Client(this.url);
  }

  /** Runs a script in a handler of a new request. */
  async run(client: Client, script: Script): Promise<Answer> {
    const id = randomUUID();
    scripts.set(id, script);
    try {
      return await client.send('POST', `/run/${id}`);
    } finally {
      scripts.delete(id);
    }
  }

  /** Returns a browser that is logged in and remembered. */
  async remembered(subject = 'ada'): Promise<Client> {
    const client = this.client();
    const { status } = await this.run(client, logInAndRemember(subject));
    expect(status).toBe(201);
    return client;
  }

  /** Returns a remembered browser whose session has ended: only the remember-me cookie is left. */
  async returning(subject?: string): Promise<Client> {
    const client = await this.remembered(subject);
    client.jar.delete('sid');
    return client;
  }

  private record(): void {
    const events: SessionEventName[] = [
      'remembered',
      'rememberTheft',
      'rememberRejected',
      'storeDown',
      'storeUp',
    ];
    for (const event of events) this.sessions.events.on(event, (detail) => this.events.push([event, detail]));
  }
}

export interface Setup {
  readonly session?: Partial<SessionCryptoOptions>;
  readonly remember: RememberMeOptions;
  readonly guard?: boolean;
}

/** Returns the subject that a browser is logged in as, or null. */
export const subjectOf = async (client: Client) =>
  ((await client.get('/who')).body as { subject: string | null }).subject;
/** Returns the Set-Cookie lines of the remember-me cookie. */
export const rememberLines = ({ cookies }: Answer) => cookies.filter((line) => line.startsWith('remember='));

export const ADAPTER_NAMES = Object.keys(ADAPTERS) as AdapterName[];

/** Returns a function that starts applications. They are closed after each test; `closing` takes further things to close.
 *  Call it at the top of a test file. */
export function rememberApps() {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  async function start(adapter: AdapterName, setup: Setup): Promise<RememberApp> {
    const app = await RememberApp.start(adapter, setup);
    closing.push(() => app.app.close());
    return app;
  }
  return { start, closing };
}

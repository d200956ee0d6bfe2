import 'reflect-metadata';
import { Module, type INestApplication, type LoggerService, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import {
  SESSION_EVENTS,
  SessionCryptoModule,
  SessionService,
  type SessionCryptoExtras,
  type SessionCryptoOptions,
  type SessionEventMap,
  type SessionEventName,
} from 'nestjs-session-crypto';
import { adapterOf, type AdapterName } from './adapters.js';
import { ask, type Answer, type Question } from './ask.js';
import { cleanUp, type End } from './cleanup.js';
import { Visitor } from './visitor.js';

/** The key of an application that says nothing of keys. */
export const SECRET = `hex:${'11'.repeat(32)}`;

/** Milliseconds that a test waits for an event. */
const PATIENCE = 20_000;

export type SessionPlan = Partial<SessionCryptoOptions> & SessionCryptoExtras;

/** An application of a test: the metadata of its module, and how it starts. */
export interface AppPlan extends ModuleMetadata {
  /** @default 'express' */
  readonly adapter?: AdapterName | ExpressAdapter | FastifyAdapter;
  /** Options of a session module; `crypto` has a default. Left out if `imports` has all session modules. */
  readonly session?: SessionPlan;
  /** The platform believes the headers of a proxy. Only for an adapter that is given by its name. */
  readonly trustProxy?: boolean;
  /** Values in the place of providers. Nest's testing module builds such an application; NestFactory builds the others. */
  readonly replace?: readonly (readonly [token: unknown, value: unknown])[];
  /** The log of Nest and of the application. @default {@link LaunchedApp.complaints} keeps warnings and errors. */
  readonly logger?: LoggerService;
  /** When the application closes. @default the end of what runs now, see {@link cleanUp} */
  readonly until?: End;
  /** The last touches before the application listens. */
  prepare?(app: INestApplication): unknown;
}

/** An application that listens. */
export interface LaunchedApp {
  readonly app: INestApplication;
  /** The warnings and errors of the log, unless the plan has a logger of its own. */
  readonly complaints: readonly string[];
  /** Closes the application at the first call; later calls wait for that. */
  close(): Promise<void>;
}

/** An application at a free port of this machine. It closes after the test that has started it, or at the end of the file
 *  if a `beforeAll` has. */
export class TestApp {
  readonly app: INestApplication;
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
  /** The events of the session without a name, in order. */
  readonly events: [SessionEventName, unknown][] = [];

  constructor({ app, complaints, close }: LaunchedApp) {
    this.app = app;
    this.complaints = complaints;
    this.close = close;
    const { events } = this.sessions;
    for (const name of SESSION_EVENTS) events.on(name, (detail) => this.events.push([name, detail]));
  }

  get port(): number {
    return (this.app.getHttpServer() as { address(): AddressInfo }).address().port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get sessions(): SessionService {
    return this.app.get(SessionService);
  }

  /** A browser with an empty cookie jar. */
  visitor(): Visitor {
    return new Visitor(this.url);
  }

  /** Sends one request without a cookie jar. */
  ask(path: string, question?: Question): Promise<Answer> {
    return ask(this.url + path, question);
  }

  /** Names of the events since the start, or the details of one event. */
  seen(): SessionEventName[];
  seen<E extends SessionEventName>(event: E): SessionEventMap[E][];
  seen(event?: SessionEventName): unknown[] {
    return event
      ? this.events.filter(([name]) => name === event).map(([, detail]) => detail)
      : this.events.map(([name]) => name);
  }

  /** The detail of the next event of a name; rejects if none comes. */
  nextEvent<E extends SessionEventName>(event: E): Promise<SessionEventMap[E]> {
    const { events } = this.sessions;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no event "${event}" came`)), PATIENCE);
      const listener = (detail: SessionEventMap[E]) => {
        clearTimeout(late);
        events.off(event, listener);
        resolve(detail);
      };
      events.on(event, listener);
    });
  }
}

/** Starts an application; rejects with the error that stops its start. */
export const startApp = async (plan: AppPlan): Promise<TestApp> => new TestApp(await launch(plan));

/** Starts an application for a class that extends {@link TestApp}, or one that has no session without a name. */
export async function launch(plan: AppPlan): Promise<LaunchedApp> {
  const complaints: string[] = [];
  const app = await create(plan, plan.logger ?? collector(complaints));
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= app.close());
  cleanUp(close, plan.until);
  await plan.prepare?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, complaints, close };
}

async function create(plan: AppPlan, logger: LoggerService): Promise<INestApplication> {
  const { adapter = 'express', trustProxy, replace = [] } = plan;
  const platform = typeof adapter === 'string' ? adapterOf(adapter, trustProxy) : adapter;
  const module = moduleOf(plan);
  if (!replace.length) return NestFactory.create(module, platform, { logger, abortOnError: false });
  const builder = Test.createTestingModule({ imports: [module] }).setLogger(logger);
  for (const [token, value] of replace) builder.overrideProvider(token).useValue(value);
  const testing = await builder.compile();
  return testing.createNestApplication(platform as ExpressAdapter, { logger });
}

function moduleOf({ session, imports = [], controllers, providers }: AppPlan): new () => object {
  const sessions = session && SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, ...session });
  class AppModule {}
  Module({ imports: sessions ? [sessions, ...imports] : imports, controllers, providers })(AppModule);
  return AppModule;
}

function collector(complaints: string[]): LoggerService {
  const complain = (message: unknown) => void complaints.push(String(message));
  return { log() {}, debug() {}, verbose() {}, warn: complain, error: complain, fatal: complain };
}

import { Module, type INestApplication, type LoggerService, type ModuleMetadata } from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  SessionInterceptor,
  SessionService,
  type SessionEventMap,
  type SessionEventName,
} from 'nestjs-session-crypto';

export type Platform = 'express' | 'fastify';

/** The two platforms, in the shape of a test table. */
export const PLATFORMS: readonly { platform: Platform }[] = [
  { platform: 'express' },
  { platform: 'fastify' },
];

export const SECRETS = [`hex:${'11'.repeat(32)}`];

export interface LaunchOptions extends ModuleMetadata {
  readonly interceptor?: boolean;
  /** Called when the head of a response is built. */
  readonly onHead?: () => void;
  /** Trust what a proxy says. */
  readonly trustProxy?: boolean;
  /** Last touches before the application listens. */
  readonly prepare?: (app: INestApplication) => void;
}

export interface Running {
  readonly app: INestApplication;
  readonly port: number;
  /** What was written to Nest's log as warning or error. */
  readonly complaints: string[];
  close(): Promise<void>;
}

const PATIENCE = 3000;

/** The detail of the next event of a name; rejects when none comes. */
export function nextEvent<E extends SessionEventName>(
  { app }: Running,
  name: E,
): Promise<SessionEventMap[E]> {
  const { events } = app.get(SessionService);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no event "${name}" came`)), PATIENCE);
    const told = (detail: SessionEventMap[E]) => {
      clearTimeout(late);
      events.off(name, told);
      resolve(detail);
    };
    events.on(name, told);
  });
}

type Heads = ServerResponse & { _storeHeader(...args: unknown[]): unknown };

/** Starts an application on a free port. */
export async function launch(platform: Platform, options: LaunchOptions): Promise<Running> {
  const { interceptor, onHead, trustProxy, prepare, providers = [], ...rest } = options;
  class App {}
  Module({
    ...rest,
    providers: [
      ...providers,
      ...(interceptor ? [{ provide: APP_INTERCEPTOR, useClass: SessionInterceptor }] : []),
    ],
  })(App);
  const complaints: string[] = [];
  const app = await NestFactory.create(App, adapterOf(platform, trustProxy), {
    logger: collector(complaints),
    abortOnError: false,
  });
  prepare?.(app);
  const server = app.getHttpServer() as Server;
  if (onHead) server.prependListener('request', (_request, response) => watchHead(response as Heads, onHead));
  await app.listen(0, '127.0.0.1');
  return { app, port: (server.address() as AddressInfo).port, complaints, close: () => app.close() };
}

function adapterOf(platform: Platform, trustProxy = false) {
  if (platform === 'fastify') return new FastifyAdapter({ trustProxy });
  const adapter = new ExpressAdapter();
  if (trustProxy)
    (adapter.getInstance() as { set(name: string, value: unknown): void }).set('trust proxy', true);
  return adapter;
}

/** Every head, implicit or not, is built by `_storeHeader`. */
function watchHead(response: Heads, onHead: () => void): void {
  const build = response._storeHeader;
  response._storeHeader = function (...args) {
    onHead();
    return build.apply(this, args);
  };
}

function collector(complaints: string[]): LoggerService {
  const complain = (message: unknown) => void complaints.push(String(message));
  return { log() {}, debug() {}, verbose() {}, warn: complain, error: complain, fatal: complain };
}

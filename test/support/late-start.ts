import type { LoggerService } from '@nestjs/common';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { SessionPlan } from './test-app.js';
import { launch, type AppPlan, type LaunchedApp } from './test-app.js';

/** Returns a port of loopback that nobody listens at. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** An application whose start waits for its store. */
export interface WaitingApp {
  /** What the log has about the start, one line each. */
  readonly lines: readonly string[];
  /** Resolves when the first such line is there. */
  readonly waits: Promise<void>;
  readonly started: Promise<LaunchedApp>;
  /** Closes the application that has not started. */
  close(): Promise<void>;
}

/** Starts an application whose store may be away. */
export function startWaiting(session: SessionPlan, imports: AppPlan['imports'] = []): WaitingApp {
  const lines: string[] = [];
  let begin!: () => void;
  let close!: () => Promise<void>;
  const waits = new Promise<void>((resolve) => (begin = resolve));
  const note = (message: unknown) => {
    if (!String(message).startsWith('The start waits')) return;
    lines.push(String(message));
    begin();
  };
  const logger: LoggerService = { log() {}, warn: note, error: note };
  const waiting = { ...session, session: { ...session.session, onStoreDownAtStart: 'wait' as const } };
  const plan = { session: waiting, imports, logger };
  const started = launch({ ...plan, prepare: (app) => void (close = () => app.close()) });
  return { lines, waits, started, close: () => close() };
}

import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { Command } from 'commander';
import { codeOf } from '../errors/session-store.error.js';
import type { SessionManager } from '../manager/session-manager.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { looking } from '../ring/looking.js';
import { SessionCryptoModule } from '../session-crypto.module.js';
import { managersOf } from '../session.providers.js';
import { SessionService } from '../session.service.js';
import { CommandError } from './command.error.js';
import { EXIT } from './exit-codes.js';
import { isKnown } from './failure.js';
import { loadConfig } from './load-config.js';
import { loadModule } from './load-module.js';
import { UsageError } from './usage.error.js';

/** The flags that say where sessions are. */
export interface SessionFlags {
  /** A file that exports the options. */
  readonly config?: string;
  /** The application's own module, as `FILE#CLASS`. */
  readonly module?: string;
  /** The name of the session, where an application has several. */
  readonly session?: string;
}

/** The sessions of one `forRoot`, opened for a command. */
export interface OpenedSessions {
  readonly sessions: SessionService;
  readonly manager: SessionManager;
  close(): Promise<void>;
}

/** Adds the options of {@link SessionFlags} to a command. */
export const withSessionFlags = (command: Command): Command =>
  command
    .option(
      '--config <file>',
      'a file that exports the options of forRoot() (default: ./session.options.mjs)',
    )
    .option('--module <file#class>', 'the application’s own module in place of a file with options')
    .option('--session <name>', 'the name of the session, where an application has several');

/** Milliseconds in which an application has to start. It may wait for its store for ever. */
const START = 60_000;

/** Starts what the flags mean in an application context, which opens no port. A managed ring is left as it is unless the command
 *  `changesRing`. Rejects with an error that `failureOf` explains. */
export const openSessions = (flags: SessionFlags, changesRing = false): Promise<OpenedSessions> =>
  changesRing ? start(flags) : looking(() => start(flags));

const start = (flags: SessionFlags): Promise<OpenedSessions> =>
  startApplication(
    flags,
    (module) => NestFactory.createApplicationContext(module, QUIET),
    (app, manager) => ({ sessions: new SessionService(manager), manager, close: () => app.close() }),
  );

/** What Nest itself would write belongs to no command. */
export const QUIET = { logger: false, abortOnError: false } as const;

/** Makes an application of what the flags mean, in time, and resolves to what `open` makes of it and the session that is meant.
 *  Rejects with an error that `failureOf` explains, and leaves nothing open then. */
export async function startApplication<A extends INestApplicationContext, R>(
  flags: SessionFlags,
  create: (module: CommandModule) => Promise<A>,
  open: (app: A, manager: SessionManager) => R,
): Promise<R> {
  const app = await inTime(create(await moduleOf(flags))).catch((error: unknown) => {
    throw isKnown(error) ? error : startFault(error);
  });
  try {
    return open(app, managerOf(app, flags));
  } catch (error) {
    await app.close();
    throw error;
  }
}

type CommandModule = Awaited<ReturnType<typeof moduleOf>>;

/** Opens sessions by {@link openSessions}, works with them and closes them. Resolves to what `work` resolves to. */
export async function withSessions<R>(
  flags: SessionFlags,
  work: (opened: OpenedSessions) => Promise<R>,
  changesRing = false,
): Promise<R> {
  const opened = await openSessions(flags, changesRing);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** Returns the module that the flags mean. A command never waits for a store that is down, whatever the options say. */
async function moduleOf({ config, module }: SessionFlags) {
  if (config !== undefined && module !== undefined)
    throw new UsageError('--config and --module are both given; leave one of them out');
  if (module !== undefined) return loadModule(module);
  const options = await loadConfig(config);
  const { session } = Object(options) as Partial<typeof options>;
  return SessionCryptoModule.forRoot(
    session?.onStoreDownAtStart === 'wait'
      ? { ...options, session: { ...session, onStoreDownAtStart: 'fail' } }
      : options,
  );
}

/** Returns the manager of the session that is meant. Every copy of this package has the same token for it. */
function managerOf(app: INestApplicationContext, { session, config }: SessionFlags): SessionManager {
  const all = managersOf(app);
  const wanted = session ?? DEFAULT_SESSION;
  const found =
    all.find(({ name }) => name === wanted) ??
    (session === undefined && all.length === 1 ? all[0] : undefined);
  if (found) return found;
  const names = all.map(({ name }) => `"${name}"`).join(', ');
  if (!all.length)
    throw new CommandError(
      EXIT.config,
      'the module imports no SessionCryptoModule; name the root module of the application',
    );
  throw new UsageError(
    `no session has the name "${wanted}"; write --session NAME with one of ${names}${config ? '' : ' of the application'}`,
  );
}

/** Rejects when an application does not start in time. */
async function inTime<R>(starting: Promise<R>): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CommandError(EXIT.temporary, SLOW)), START);
  });
  return Promise.race([starting, late]).finally(() => clearTimeout(timer));
}

const SLOW = `the application did not start within ${START / 1000} seconds; its store may be down (session.onStoreDownAtStart: 'wait')`;

/** The message of the application's own error could contain a secret. */
const startFault = (error: unknown): CommandError =>
  new CommandError(
    EXIT.config,
    `the application does not start (${codeOf(error)}); start it by itself to see the whole error`,
  );

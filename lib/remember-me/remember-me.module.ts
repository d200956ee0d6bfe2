import {
  Inject,
  Module,
  Optional,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { SessionConfigError } from '../errors/session-config.error.js';
import { factsOf, type ManagerFacts } from '../manager/manager-facts.js';
import type { SessionManager } from '../manager/session-manager.js';
import { pruneEvery } from '../manager/prune-timer.js';
import { MiddlewareMount } from '../middleware-mount.js';
import { NestLog } from '../nest-log.js';
import { SessionLog } from '../manager/session-log.js';
import { StoreStart, type Opening } from '../manager/store-start.js';
import { MANAGER } from '../session.providers.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import { checkForRoot, checkForRootAsync } from '../options/check-arguments.js';
import {
  ARGUMENTS,
  ConfigurableModuleClass,
  EXTRAS,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './remember-me.module-definition.js';
import type { RememberMeExtras } from './remember-me.options.js';
import { logRememberMe } from './remember-log.js';
import { RESOLVED, STORE } from './remember-me.providers.js';
import type { RememberMeService } from './remember-me.service.js';
import { getRememberMeServiceToken } from './remember-me.tokens.js';
import { checkBeside, type ResolvedRememberMe } from './resolve-remember-me.js';

const WITHOUT_OPTIONS =
  "RememberMeModule was imported without options; write RememberMeModule.forRoot({ store: typeOrmStore({ table: 'remember_me' }) })";

/** Logs returning visitors in. Import it beside SessionCryptoModule:
 *
 *      RememberMeModule.forRoot({ store: typeOrmStore({ table: 'remember_me' }) })
 */
@Module({})
export class RememberMeModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly log: SessionLog;
  private pruning: NodeJS.Timeout | undefined;
  private start: StoreStart | undefined;
  private readonly mount: MiddlewareMount | undefined;

  constructor(
    @Optional() @Inject(EXTRAS) private readonly extras: Required<RememberMeExtras>,
    @Optional() @Inject(RESOLVED) private readonly options: ResolvedRememberMe,
    @Optional() @Inject(STORE) private readonly store: MonitoredStore,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    super();
    if (!extras) throw new SessionConfigError([{ path: 'imports', message: WITHOUT_OPTIONS }]);
    this.log = new SessionLog(extras.session, new NestLog('RememberMe'));
    if (extras.mount) this.mount = new MiddlewareMount(host, () => this.service.middleware);
  }

  /** Makes the module from options. Throws a SessionConfigError if there are none; wrong options stop the start. */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    checkForRoot(ARGUMENTS, options);
    return super.forRoot(options);
  }

  /** Makes the module from options that a factory returns. `session`, `isGlobal` and `mount` stand beside `useFactory`. */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    checkForRootAsync(ARGUMENTS, options);
    return super.forRootAsync(options);
  }

  /** Mounts the middleware for all routes, unless `mount` is `false`. */
  configure(consumer: MiddlewareConsumer): void {
    this.mount?.configure(consumer);
  }

  /** Checks the options, opens the store and starts the prune timer. */
  async onModuleInit(): Promise<void> {
    const { events, onStoreDownAtStart } = this.check();
    logRememberMe(events, this.extras.session, this.log);
    this.start = new StoreStart(onStoreDownAtStart);
    await this.start.open(this.opening, this.log.tell);
    this.schedulePrune();
  }

  private get opening(): Opening {
    const resolve = (token: unknown) => this.moduleRef.get(token as string, { strict: false }) as unknown;
    const open = () => this.store.open(resolve).catch(belowRememberMe);
    return { what: 'store of remember-me', open, close: () => this.store.close() };
  }

  /** Ends a start that still waits for its store, and waits for replacements of tokens that are under way, before other modules close the database. */
  async beforeApplicationShutdown(): Promise<void> {
    this.start?.stop();
    await this.store.drain();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.pruning);
    await this.store.close();
    this.log.flush();
  }

  private get service(): RememberMeService {
    return this.moduleRef.get<RememberMeService>(getRememberMeServiceToken(this.extras.session));
  }

  /** Checks the options beside those of all sessions, and returns the facts of the session that visitors are logged in
   *  to. */
  private check(): ManagerFacts {
    const managers = this.moduleRef.get<SessionManager>(MANAGER, { strict: false, each: true });
    const all = managers.map(factsOf);
    const own = all.find(({ name }) => name === this.extras.session)!;
    for (const manager of managers) if (manager.name === own.name) this.join(manager);
    checkBeside(this.options, {
      name: own.name,
      stores: own.stores,
      cookieNames: all.flatMap(({ cookieNames }) => cookieNames),
      hasEnvelope: own.sealsNatively,
    });
    return own;
  }

  /** Keeps the keys as long as tokens live, and ends the series when sessions are revoked. */
  private join(manager: SessionManager): void {
    manager.keepKeysFor(this.options.times.lifetime);
    manager.endWithSessions(this.service.revocable);
  }

  /** Starts the prune timer, unless `pruneInterval` is 0. */
  private schedulePrune(): void {
    const { pruneInterval } = this.options;
    const prune = () => void this.service.prune().catch(() => undefined); // the store's health has reported it
    if (pruneInterval) this.pruning = pruneEvery(pruneInterval, prune);
  }
}

/** Names the option of this module: a store knows its own options as those of `store`. */
function belowRememberMe(error: unknown): never {
  if (!(error instanceof SessionConfigError)) throw error;
  throw new SessionConfigError(
    error.faults.map(({ path, message }) => ({
      path: path.startsWith('store') ? `rememberMe.${path}` : path,
      message,
    })),
  );
}

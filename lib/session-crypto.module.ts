import {
  Inject,
  Module,
  Optional,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { SessionConfigError } from './errors/session-config.error.js';
import type { SessionManager } from './manager/session-manager.js';
import { MiddlewareMount } from './middleware-mount.js';
import { checkForRoot, checkForRootAsync } from './options/check-arguments.js';
import { DEFAULT_SESSION } from './options/default-session.js';
import type { SessionCryptoOptions } from './options/options.interface.js';
import {
  ARGUMENTS,
  ConfigurableModuleClass,
  EXTRAS,
  type SessionCryptoAsyncOptions,
  type SessionCryptoExtras,
} from './session-crypto.module-definition.js';
import { checkLocks } from './session.interceptor.js';
import { contextMiddleware, sessionMiddleware } from './session.middleware.js';
import type { SessionLog } from './manager/session-log.js';
import { LOG, MANAGER } from './session.providers.js';
import { startFacts } from './manager/start-facts.js';

const NO_OPTIONS =
  'SessionCryptoModule was imported without options; write SessionCryptoModule.forRoot({ crypto: { secrets: […] } })';

/** Encrypted sessions for a Nest application, on Express and Fastify:
 *
 *      SessionCryptoModule.forRoot({ crypto: { secrets: [process.env.SESSION_SECRET] } })
 */
@Module({})
export class SessionCryptoModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly mount: MiddlewareMount | undefined;

  constructor(
    @Optional() @Inject(EXTRAS) private readonly extras: Required<SessionCryptoExtras>,
    @Optional() @Inject(MANAGER) private readonly manager: SessionManager,
    @Optional() @Inject(LOG) private readonly log: SessionLog,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    super();
    if (!extras) throw new SessionConfigError([{ path: 'imports', message: NO_OPTIONS }]);
    if (!extras.mount) return;
    this.mount = new MiddlewareMount(host, () => sessionMiddleware(manager), contextMiddleware(manager));
  }

  /** Makes the module from options. Throws a SessionConfigError if there are none; wrong options stop the start. */
  static override forRoot(options: SessionCryptoOptions & SessionCryptoExtras): DynamicModule {
    checkForRoot(ARGUMENTS, options);
    return super.forRoot(options);
  }

  /** Makes the module from options that a factory returns. `name`, `isGlobal` and `mount` stand beside `useFactory`. Throws a
   *  SessionConfigError for a member that Nest would ignore. */
  static override forRootAsync<O extends SessionCryptoOptions>(
    options: SessionCryptoAsyncOptions<O>,
  ): DynamicModule {
    checkForRootAsync(ARGUMENTS, options);
    return super.forRootAsync(options);
  }

  /** Mounts the session middleware, unless `mount` is false. */
  configure(consumer: MiddlewareConsumer): void {
    this.mount?.configure(consumer);
  }

  /** Opens the store, once all modules have made their providers. */
  async onModuleInit(): Promise<void> {
    this.assertUniqueNames();
    if (this.hasUnnamedSibling) this.manager.yieldToDefault();
    checkLocks(this.modules, this.manager, this.isDefault);
    this.mount?.configureErrors();
    await this.manager.open((token) => this.moduleRef.get(token as string, { strict: false }) as unknown);
    const { message, fields } = startFacts(this.manager);
    this.log.started(message, fields);
  }

  /** Readiness is down from now on, before other modules begin to wait in {@link beforeApplicationShutdown}. */
  onModuleDestroy(): void {
    this.manager.beginClosing();
  }

  /** Waits for saves before other modules close the database that they go to. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.manager.drain();
  }

  /** Closes the store and the driver. */
  async onApplicationShutdown(): Promise<void> {
    await this.manager.close();
    this.log.stopped();
  }

  /** All modules of sessions in the application, this one included. */
  private get siblings(): SessionCryptoModule[] {
    const all = [...this.modules.values()].map(({ instance }) => instance as unknown);
    return all.filter((one) => one instanceof SessionCryptoModule);
  }

  /** True if another module is the one whose session has no name. */
  private get hasUnnamedSibling(): boolean {
    return this.siblings.some((one) => one !== this && one.extras.name === DEFAULT_SESSION);
  }

  /** True if a route that names no session certainly means this one. */
  private get isDefault(): boolean {
    return this.extras.name === DEFAULT_SESSION || this.siblings.length === 1;
  }

  /** Throws a SessionConfigError if another module has the same session name, which would have other keys, or the same
   *  cookie, which would take this one's sessions. */
  private assertUniqueNames(): void {
    const { name } = this.extras;
    const modules = this.siblings;
    const sameName = modules.filter(({ extras }) => extras.name === name);
    if (sameName.length > 1)
      throw new SessionConfigError([
        {
          path: 'name',
          message: `${sameName.length} modules define the session "${name}"; import it once, or give each its own name`,
        },
      ]);
    const sameCookie = modules.find((one) => one !== this && one.manager.sharesCookie(this.manager));
    if (sameCookie)
      throw new SessionConfigError([
        {
          path: 'cookie.name',
          message: `the sessions "${name}" and "${sameCookie.extras.name}" have the same cookie; give each its own name`,
        },
      ]);
  }
}

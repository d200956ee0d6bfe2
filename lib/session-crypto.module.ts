import {
  Inject,
  Module,
  Optional,
  type BeforeApplicationShutdown,
  type MiddlewareConsumer,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { SessionConfigError } from './errors/session-config.error.js';
import {
  ConfigurableModuleClass,
  EXTRAS,
  type SessionCryptoExtras,
} from './session-crypto.module-definition.js';
import type { SessionEngine } from './manager/session-engine.js';
import { pruneEvery } from './manager/prune-timer.js';
import { isCaseSensitive, MiddlewareMount } from './middleware-mount.js';
import { sessionMiddleware } from './session.middleware.js';
import { ENGINE } from './session.providers.js';

const BARE =
  'SessionCryptoModule stands there bare; write SessionCryptoModule.forRoot({ crypto: { secrets: […] } })';

/** Encrypted sessions for a Nest application, on Express and Fastify:
 *
 *      SessionCryptoModule.forRoot({ crypto: { secrets: [process.env.SESSION_SECRET] } })
 */
@Module({})
export class SessionCryptoModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private pruning: NodeJS.Timeout | undefined;
  private readonly mount: MiddlewareMount | undefined;

  constructor(
    @Optional() @Inject(EXTRAS) private readonly extras: Required<SessionCryptoExtras>,
    @Optional() @Inject(ENGINE) private readonly engine: SessionEngine,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {
    super();
    if (!extras) throw new SessionConfigError([{ path: 'imports', message: BARE }]);
    if (extras.mount) this.mount = new MiddlewareMount(host, () => sessionMiddleware(engine));
  }

  configure(consumer: MiddlewareConsumer): void {
    this.mount?.configure(consumer);
  }

  async onModuleInit(): Promise<void> {
    this.assertUniqueNames();
    this.engine.contexts.caseSensitive = isCaseSensitive(this.host.httpAdapter);
    await this.engine.open((token) => this.moduleRef.get(token as string, { strict: false }) as unknown);
    this.schedulePrune();
  }

  /** Before others close the database that saves still go to. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.engine.drain();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.pruning);
    await this.engine.close();
  }

  /** Two modules of one name would each have their keys, and two of one cookie would take each other's sessions. */
  private assertUniqueNames(): void {
    const { name } = this.extras;
    const all = [...this.modules.values()].map(({ instance }) => instance as unknown);
    const modules = all.filter((one) => one instanceof SessionCryptoModule);
    const twins = modules.filter(({ extras }) => extras.name === name);
    const rival = modules.find((one) => one !== this && one.engine.sharesCookie(this.engine));
    if (twins.length < 2 && rival)
      throw new SessionConfigError([
        {
          path: 'cookie.name',
          message: `sessions "${name}" and "${rival.extras.name}" have one cookie; give each its own name`,
        },
      ]);
    if (twins.length > 1)
      throw new SessionConfigError([
        {
          path: 'name',
          message: `${twins.length} modules define the session "${name}"; import it once, or give each its name`,
        },
      ]);
  }

  private schedulePrune(): void {
    const { options, prunes } = this.engine;
    const { interval } = options.prune;
    if (interval && prunes) this.pruning = pruneEvery(interval, () => this.engine.pruneQuietly());
  }
}

import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { SessionConfigError } from '../errors/session-config.error.js';
import { DashboardHost, HOST } from './dashboard-host.js';
import { dashboardController } from './dashboard.controller.js';
import type { SessionDashboardOptions } from './dashboard.options.js';
import { resolveDashboard } from './resolve-dashboard.js';

const WITHOUT_OPTIONS =
  'SessionDashboardModule was imported without options; write SessionDashboardModule.register({ guard: AdminGuard })';

/** A page for whoever operates the sessions, behind a guard of the application:
 *
 *      SessionDashboardModule.register({ guard: AdminGuard, actor: 'subject' })
 */
@Module({})
export class SessionDashboardModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Optional() @Inject(HOST) private readonly host: DashboardHost,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {
    if (!host) throw new SessionConfigError([{ path: 'imports', message: WITHOUT_OPTIONS }]);
  }

  /** Makes the module from options. Throws a SessionConfigError for wrong options, and where there is no guard. */
  static register(options: SessionDashboardOptions): DynamicModule {
    const resolved = resolveDashboard(options);
    return {
      module: SessionDashboardModule,
      imports: [...resolved.imports],
      controllers: [dashboardController(resolved)],
      providers: [{ provide: HOST, useFactory: () => new DashboardHost(resolved) }],
    };
  }

  onModuleInit(): void {
    this.host.open(this.moduleRef);
  }

  /** Begins to count, once the stores are open. */
  onApplicationBootstrap(): void {
    this.host.dashboard.start();
  }

  /** Ends the streams of live figures, since a server that closes waits for them. */
  onModuleDestroy(): void {
    this.host.stop();
  }
}

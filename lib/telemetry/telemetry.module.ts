import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionLog } from '../manager/session-log.js';
import type { SessionManager } from '../manager/session-manager.js';
import { NestLog } from '../nest-log.js';
import { checkForRoot, type ModuleArguments } from '../options/check-arguments.js';
import { loadPeer } from '../peers/load-peer.js';
import { managersOf } from '../session.providers.js';
import type { SessionService } from '../session.service.js';
import { getSessionServiceToken } from '../session.tokens.js';
import { findTargets, startTelemetry, type ObservedSessions } from './start-telemetry.js';
import { checkTelemetryOptions, type SessionTelemetryOptions } from './telemetry.options.js';

const OPTIONS = Symbol.for('nestjs-session-crypto/telemetry/options');
const ARGUMENTS: ModuleArguments = {
  module: 'SessionTelemetryModule',
  example: '{ countSessions: true }',
  options: [],
  extras: [],
};

/** Reports all sessions of the application to OpenTelemetry. Import it once, beside SessionCryptoModule:
 *
 *      SessionTelemetryModule.forRoot()
 *
 *  It uses the global providers of `@opentelemetry/api`: start the SDK before the application, as for every instrumentation. Without
 *  an SDK it says so in the log and observes nothing. */
@Module({})
export class SessionTelemetryModule implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new SessionLog('all', new NestLog('SessionTelemetry'));
  private stop: (() => void) | undefined;

  constructor(
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Optional() @Inject(OPTIONS) private readonly options: SessionTelemetryOptions = {},
  ) {}

  /** Throws a SessionConfigError that lists every fault of the options. */
  static forRoot(options: SessionTelemetryOptions = {}): DynamicModule {
    checkForRoot(ARGUMENTS, options);
    const checked = checkTelemetryOptions(options);
    return { module: SessionTelemetryModule, providers: [{ provide: OPTIONS, useValue: checked }] };
  }

  /** Finds the sessions of the application, and observes them from now on. */
  async onModuleInit(): Promise<void> {
    const api = await loadPeer<typeof import('@opentelemetry/api')>('@opentelemetry/api', MODULE);
    const sessions = this.findSessions();
    const targets = findTargets(api, this.options);
    const { metrics = true, traces = true } = this.options;
    if ((metrics || traces) && !targets.meter && !targets.tracer)
      return this.log.tell(WITHOUT_SDK, 'telemetryOff');
    this.stop = startTelemetry(api, sessions, targets, this.options);
  }

  onApplicationShutdown(): void {
    this.stop?.();
  }

  private findSessions(): ObservedSessions[] {
    const managers = managersOf(this.moduleRef);
    if (!managers.length) throw new SessionConfigError([{ path: MODULE, message: WITHOUT_SESSIONS }]);
    return managers.map(({ name, base, stores }) => {
      const service: SessionService = this.moduleRef.get(getSessionServiceToken(name), { strict: false });
      return { name, store: kindOf(base.store), service, health: stores.map(({ health }) => health) };
    });
  }
}

/** What sessions are asked from: of sessions in cookies, what remembers their end. */
const kindOf = ({ kind, revocation }: SessionManager['base']['store']): string =>
  revocation?.rows.kind ?? kind;

const MODULE = 'SessionTelemetryModule';
const WITHOUT_SESSIONS =
  'finds no sessions in the application; import SessionCryptoModule.forRoot({ crypto: … }) beside it';
const WITHOUT_SDK =
  'No OpenTelemetry SDK is registered, so nothing is reported. Start the SDK before NestFactory.create() runs, ' +
  'for instance with node --import ./telemetry.mjs (docs/telemetry.md)';

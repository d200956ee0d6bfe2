import { Inject, Injectable, Optional } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { SessionHealth } from '../checkup/session-health.interface.js';
import { checkNames, type OptionNames } from '../errors/check-names.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import type { SessionService } from '../session.service.js';
import { getSessionServiceToken } from '../session.tokens.js';

/** The options of one check. */
export interface HealthIndicatorOptions {
  /** The name of the session in `forRoot`. @default the default session */
  readonly session?: string;
  /** Shows all of `SessionService.health()`: names of tables, hints of keys, hosts of processes. For operators only.
   *  @default false */
  readonly details?: boolean;
}

const NAMES: OptionNames<HealthIndicatorOptions> = { session: true, details: true };

const NO_TERMINUS =
  'SessionHealthIndicator needs HealthIndicatorService of @nestjs/terminus 11 or later; import TerminusModule into the module that ' +
  'provides the indicator';

/** Members of a result that `@nestjs/terminus` keeps for itself. */
type Data = Record<string, unknown>;

/** What a check of `@nestjs/terminus` makes results with. Version 11 has no `degraded`. */
interface ResultMaker {
  up(data: Data): HealthIndicatorResult;
  down(data: Data): HealthIndicatorResult;
  degraded?(data: Data): HealthIndicatorResult;
}

/** Checks for the controller of `@nestjs/terminus` (11 and 12). Provide it beside `TerminusModule`:
 *
 *      @Get('live') live() { return this.health.check([() => this.sessions.live()]) }
 *      @Get('ready') ready() { return this.health.check([() => this.sessions.ready()]) }
 *
 *  Results are brief unless `details` is set, so that a public endpoint says nothing to a stranger. */
@Injectable()
export class SessionHealthIndicator {
  /** Throws a SessionConfigError without TerminusModule. */
  constructor(
    @Optional() @Inject(HealthIndicatorService) private readonly results: HealthIndicatorService,
    @Inject(ModuleRef) private readonly modules: ModuleRef,
  ) {
    if (!results) throw new SessionConfigError([{ path: 'SessionHealthIndicator', message: NO_TERMINUS }]);
  }

  /** For a liveness probe: `up` as long as the process answers, whatever its store and its keys do. A restart mends none of
   *  them. */
  live<const Key extends string = 'session'>(
    key: Key = 'session' as Key,
  ): Promise<HealthIndicatorResult<Key>> {
    return Promise.resolve(this.results.check(key).up());
  }

  /** For a readiness probe: `down` while requests with sessions fail, and while the application starts or shuts down. `degraded`
   *  does not fail the probe; terminus 11 has no such status, and shows `up` with `state: 'degraded'`. */
  async ready<const Key extends string = 'session'>(
    key: Key = 'session' as Key,
    options: HealthIndicatorOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    checkNames('ready()', options, NAMES);
    const { session = DEFAULT_SESSION, details = false } = options;
    const health = await this.serviceOf(session).health();
    return resultOf(this.results.check(key), health, details) as HealthIndicatorResult<Key>;
  }

  /** Returns the service of a session. Nest throws if there is none of that name. */
  private serviceOf(session: string): SessionService {
    return this.modules.get<SessionService>(getSessionServiceToken(session), { strict: false });
  }
}

function resultOf(maker: ResultMaker, health: SessionHealth, isDetailed: boolean): HealthIndicatorResult {
  const { status, ...rest } = health;
  const data: Data = isDetailed ? rest : {};
  if (status === 'down') return maker.down(data);
  if (status === 'up') return maker.up(data);
  return maker.degraded?.(data) ?? maker.up({ ...data, state: 'degraded' });
}

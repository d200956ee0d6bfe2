import { Controller, Get, UseFilters } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { SkipSession } from 'nestjs-session-crypto';
import { SessionHealthIndicator } from 'nestjs-session-crypto/health';
import { JsonErrorFilter } from './json-error.filter.js';

/** For what starts, watches and stops the application. Anybody may ask, so the answers are brief; an administrator sees
 *  everything at /ops. */
@Controller('health')
@SkipSession()
@UseFilters(JsonErrorFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sessions: SessionHealthIndicator,
  ) {}

  /** Does the process answer? A restart would not mend its database. */
  @Get('live')
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sessions.live()]);
  }

  /** Should it get requests? 503 while requests with sessions fail. */
  @Get('ready')
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sessions.ready()]);
  }
}

import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { RequireSession } from 'nestjs-session-crypto';
import { Roles } from '../auth/roles.guard.js';
import { prometheusText } from './metrics.js';
import { FRESH, OPERATOR_GUARDS, OPERATORS } from './operators.js';

/** The metrics, for an administrator who looks at them. A Prometheus has no session: give it a port that only its network
 *  reaches (docs/telemetry.md). */
@Controller('ops/metrics')
@UseGuards(...OPERATOR_GUARDS)
@Roles(OPERATORS)
@RequireSession(FRESH)
export class MetricsController {
  @Get()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  show(): Promise<string> {
    return prometheusText();
  }
}

import { Module } from '@nestjs/common';
import { RequireSession } from 'nestjs-session-crypto';
import { SessionDashboardModule } from 'nestjs-session-crypto/dashboard';
import { SessionTelemetryModule } from 'nestjs-session-crypto/telemetry';
import { Roles } from '../auth/roles.guard.js';
import { UsersModule } from '../users/users.module.js';
import { MetricsController } from './metrics.controller.js';
import { METER_PROVIDER } from './metrics.js';
import { FRESH, OPERATOR_GUARDS, OPERATORS } from './operators.js';

/** What an operator sees: the dashboard at /ops, and the metrics. */
@Module({
  imports: [
    UsersModule,
    SessionDashboardModule.register({
      path: 'ops',
      guard: OPERATOR_GUARDS,
      decorators: [Roles(OPERATORS), RequireSession(FRESH)],
      actor: 'subject',
      imports: [UsersModule],
    }),
    SessionTelemetryModule.forRoot({ meterProvider: METER_PROVIDER, traces: false, countSessions: true }),
  ],
  controllers: [MetricsController],
})
export class OpsModule {}

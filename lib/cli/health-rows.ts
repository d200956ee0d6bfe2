import { healthLines } from '../checkup/health-lines.js';
import type { HealthStatus, SessionHealth } from '../checkup/session-health.interface.js';
import type { AuditRow, AuditVerdict } from '../options/audit/audit.interface.js';
import { failureOf } from './failure.js';
import { withSessions, type SessionFlags } from './open-sessions.js';

const VERDICTS: Readonly<Record<HealthStatus, AuditVerdict>> = { up: 'ok', degraded: 'weak', down: 'broken' };

const SOURCE = 'docs/health.md';

/** Starts what the flags mean, and returns its health as rows of the audit: one for each part, or one if it does not start. */
export const healthRows = (flags: SessionFlags): Promise<AuditRow[]> =>
  withSessions(flags, async ({ sessions }) => rowsOf(await sessions.health())).catch((error: unknown) => [
    startRow(failureOf(error).message),
  ]);

function rowsOf(health: SessionHealth): AuditRow[] {
  const parts = healthLines({ ...health, findings: [] });
  return parts.map(({ part, status, text }) => {
    const found = health.findings.filter((one) => one.part === part);
    return {
      setting: `health.${part}`,
      value: text,
      recommended: '',
      verdict: VERDICTS[status],
      why: found.map(({ message }) => message).join('; '),
      remedy: found.length ? `see ${found.map(({ code }) => code).join(', ')} in ${SOURCE}` : '',
      source: SOURCE,
      code: `health-${part}`,
    };
  });
}

const startRow = (message: string): AuditRow => ({
  setting: 'health',
  value: 'the application does not start',
  recommended: '',
  verdict: 'broken',
  why: message,
  remedy: 'mend it, and look at the log of the application',
  source: SOURCE,
  code: 'health-start',
});

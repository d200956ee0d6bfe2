import type { TellOperator } from '../../errors/log-lines.js';
import type { SessionCryptoOptions } from '../options.interface.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';
import { auditResolved } from './audit-options.js';
import type { AuditRow } from './audit.interface.js';

/** The maximum of rows that a start logs. */
const MAX_ROWS = 5;
const DOCTOR = 'npx nestjs-session-crypto doctor';

/** Logs at the start what is weak or broken. During development each finding has a line, at most six lines in all; in
 *  production one line counts them. Logs nothing if all is well, and nothing with NODE_ENV "test". Never throws: an
 *  audit that fails must not stop the start. */
export function logAuditFindings(
  given: SessionCryptoOptions,
  resolved: ResolvedOptions,
  tell: TellOperator,
  mode = process.env['NODE_ENV'],
): void {
  if (mode === 'test') return;
  const rows = findRows(given, resolved, mode === 'production', tell);
  if (!rows.length) return;
  if (mode === 'production') return tell(`The session options have ${countOf(rows)}; run ${DOCTOR}`, 'audit');
  for (const row of rows.slice(0, MAX_ROWS))
    tell(lineOf(row), 'audit', { setting: row.setting, verdict: row.verdict });
  const more = rows.length - MAX_ROWS;
  if (more > 0) tell(`${more} more findings in the session options; run ${DOCTOR}`, 'audit');
}

function findRows(
  given: SessionCryptoOptions,
  resolved: ResolvedOptions,
  production: boolean,
  tell: TellOperator,
): AuditRow[] {
  try {
    const rows = auditResolved(given, resolved, { production });
    return rows.filter(({ verdict }) => verdict === 'broken' || verdict === 'weak');
  } catch (error) {
    // The audit() of a format or store that the user wrote can throw.
    tell(`The audit of the session options failed (${(error as Error).name})`, 'auditFailed');
    return [];
  }
}

const lineOf = ({ setting, value, why, remedy, verdict }: AuditRow): string =>
  `${setting} is ${verdict} (${value}): ${remedy || why}`;

function countOf(rows: readonly AuditRow[]): string {
  const broken = rows.filter(({ verdict }) => verdict === 'broken').length;
  const weak = rows.length - broken;
  const counts = [broken && `${broken} broken`, weak && `${weak} weak`].filter(Boolean).join(' and ');
  return `${counts} ${rows.length === 1 ? 'setting' : 'settings'}`;
}

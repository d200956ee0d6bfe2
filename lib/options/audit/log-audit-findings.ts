import { auditResolved } from './audit-options.js';
import type { AuditRow } from './audit.interface.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';
import type { SessionCryptoOptions } from '../options.interface.js';

/** The part of Nest's logger that is used here. */
interface AuditLog {
  warn(message: string): void;
  debug(message: string): void;
}

/** Rows that a start says, at most. */
const MAX_SAID = 5;
const WHOLE = 'npx nestjs-session-crypto doctor';

/** Tells at start what is weak or broken: each in a line while developing, in production all in one. Says nothing where
 *  all is well, nor in tests, and never stops a start. */
export function logAuditFindings(
  said: SessionCryptoOptions,
  resolved: ResolvedOptions,
  logger: AuditLog,
  mode = process.env['NODE_ENV'],
): void {
  if (mode === 'test') return;
  const rows = poorRows(said, resolved, mode === 'production', logger);
  if (!rows.length) return;
  if (mode === 'production') return logger.warn(`${sumOf(rows)} in the session options; see ${WHOLE}`);
  for (const row of rows.slice(0, MAX_SAID)) logger.warn(lineOf(row));
  const more = rows.length - MAX_SAID;
  if (more > 0) logger.warn(`${more} more; see ${WHOLE}`);
}

function poorRows(
  said: SessionCryptoOptions,
  resolved: ResolvedOptions,
  production: boolean,
  logger: Pick<AuditLog, 'debug'>,
): AuditRow[] {
  try {
    const rows = auditResolved(said, resolved, { production });
    return rows.filter(({ verdict }) => verdict === 'broken' || verdict === 'weak');
  } catch (error) {
    logger.debug(`The session options were not audited (${(error as Error).name})`); // a format of somebody else's
    return [];
  }
}

const lineOf = ({ setting, value, why, remedy, verdict }: AuditRow): string =>
  `${setting} is ${verdict} (${value}): ${remedy || why}`;

function sumOf(rows: readonly AuditRow[]): string {
  const broken = rows.filter(({ verdict }) => verdict === 'broken').length;
  const weak = rows.length - broken;
  return [broken && `${broken} broken`, weak && `${weak} weak`].filter(Boolean).join(' and ');
}

import type { AuditFinding } from '../../persistence/session-format.interface.js';
import { isForeignStore } from '../store-kind.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';
import type { AuditRow, AuditVerdict } from './audit.interface.js';

const VERDICTS: Readonly<Record<AuditFinding['level'], AuditVerdict>> = {
  danger: 'broken',
  warning: 'weak',
  info: 'choose',
};

/** What other forms of sessions, and stores of others, say of themselves, as rows. */
export function formatRows({ crypto: { format, accept }, store }: ResolvedOptions): AuditRow[] {
  const own = isForeignStore(store)
    ? rowsOf(store.kind, store.audit?.(), `as "${store.kind}" keeps them`)
    : [];
  const rows = accept.map((one, i) => rowsOf(one.name, one.audit?.(`crypto.accept[${i}]`)));
  return [...(format ? rowsOf(format.name, format.audit?.('crypto.format')) : []), ...own, ...rows.flat()];
}

const rowsOf = (
  name: string,
  findings: readonly AuditFinding[] = [],
  kept = `as the format "${name}" has it`,
): AuditRow[] =>
  findings.map(({ level, code, path, message, value = kept, recommended = '', remedy = '', source }) => ({
    setting: path,
    value,
    recommended,
    verdict: VERDICTS[level],
    why: message,
    remedy,
    source: source ?? (name === 'apache' ? 'mod_session_crypto' : name),
    code,
  }));

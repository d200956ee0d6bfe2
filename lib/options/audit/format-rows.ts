import type { AuditFinding } from '../../persistence/session-format.interface.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';
import { isForeignStore } from '../store-kind.js';
import type { AuditRow, AuditVerdict } from './audit.interface.js';

const VERDICTS: Readonly<Record<AuditFinding['level'], AuditVerdict>> = {
  danger: 'broken',
  warning: 'weak',
  info: 'choose',
};

/** Returns the findings that foreign formats and foreign stores report about themselves, as rows. */
export function formatRows({ crypto: { format, accept }, store }: ResolvedOptions): AuditRow[] {
  const storeRows = isForeignStore(store)
    ? rowsOf(store.kind, store.audit?.(), `decided by the store "${store.kind}"`)
    : [];
  const rows = accept.map((one, i) => rowsOf(one.name, one.audit?.(`crypto.accept[${i}]`)));
  return [
    ...(format ? rowsOf(format.name, format.audit?.('crypto.format')) : []),
    ...storeRows,
    ...rows.flat(),
  ];
}

/** `fallback` is the value of a finding that gives none. */
const rowsOf = (
  name: string,
  findings: readonly AuditFinding[] = [],
  fallback = `decided by the format "${name}"`,
): AuditRow[] =>
  findings.map(({ level, code, path, message, value = fallback, recommended = '', remedy = '', source }) => ({
    setting: path,
    value,
    recommended,
    verdict: VERDICTS[level],
    why: message,
    remedy,
    source: source ?? (name === 'apache' ? 'mod_session_crypto' : name),
    code,
  }));

import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import type { CookieStore } from '../../stores/cookie.store.js';
import { isCookieStore } from '../store-kind.js';
import type { AuditRow, AuditSubject, AuditVerdict } from './audit.interface.js';

const VERDICTS: Readonly<Record<AuditFinding['level'], AuditVerdict>> = {
  ok: 'ok',
  danger: 'broken',
  warning: 'weak',
  info: 'choose',
};

/** Returns the findings that foreign formats and stores report about themselves, as rows. */
export function formatRows({ options, environment }: AuditSubject): AuditRow[] {
  const { crypto, store } = options;
  const { format, accept, reload } = crypto;
  const { production, variables } = environment;
  const facts = { production, variables, reload };
  const storeRows = isCookieStore(store)
    ? revocationRows(store)
    : rowsOf(store.kind, store.audit?.(), `decided by the store "${store.kind}"`);
  const rows = accept.map((one, i) => rowsOf(one.name, one.audit?.(`crypto.accept[${i}]`, facts)));
  return [
    ...(format ? rowsOf(format.name, format.audit?.('crypto.format', facts)) : []),
    ...storeRows,
    ...rows.flat(),
  ];
}

/** Returns what the store of a source of revocations reports about itself. */
function revocationRows({ options: { revocation } }: CookieStore): AuditRow[] {
  const rows = revocation ? rowsOf(revocation.store.kind, revocation.store.audit?.()) : [];
  return rows.map((row) => ({ ...row, setting: row.setting.replace(/^store/, 'store.revocation') }));
}

/** `fallback` is the value of a finding that gives none. */
const rowsOf = (
  name: string,
  findings: readonly AuditFinding[] = [],
  fallback = `decided by the format "${name}"`,
): AuditRow[] =>
  findings.map(({ level, code, path, message, value = fallback, recommended, remedy, source }) => ({
    setting: path,
    value,
    recommended,
    verdict: VERDICTS[level],
    why: message,
    remedy,
    source: source ?? (name === 'apache' ? 'mod_session_crypto' : name),
    code,
  }));

import type { AuditFinding } from '../../session/index.js';
import type { ResolvedCrypto } from '../resolve-crypto.js';
import type { AuditRow, AuditVerdict } from './audit.interface.js';

const VERDICTS: Readonly<Record<AuditFinding['level'], AuditVerdict>> = {
  danger: 'broken',
  warning: 'weak',
  info: 'choose',
};

/** What other forms of sessions say of themselves, as rows. */
export function formatRows({ format, accept }: ResolvedCrypto): AuditRow[] {
  const rows = accept.map((one, i) => rowsOf(one.name, one.audit?.(`crypto.accept[${i}]`)));
  return [...(format ? rowsOf(format.name, format.audit?.('crypto.format')) : []), ...rows.flat()];
}

const rowsOf = (name: string, findings: readonly AuditFinding[] = []): AuditRow[] =>
  findings.map(({ level, code, path, message, recommended = '', remedy = '', source }) => ({
    setting: path,
    value: `as the format "${name}" has it`,
    recommended,
    verdict: VERDICTS[level],
    why: message,
    remedy,
    source: source ?? (name === 'apache' ? 'mod_session_crypto' : name),
    code,
  }));

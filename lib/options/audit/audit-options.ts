import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { SessionCryptoOptions } from '../options.interface.js';
import { resolveOptions } from '../resolve-options.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';
import {
  rowOf,
  type AuditEnvironment,
  type AuditRow,
  type AuditRule,
  type AuditSubject,
  type RuleText,
} from './audit.interface.js';
import { AUDIT_RULES } from './audit-rules.js';
import { contendedCookies } from './contended-cookies.js';
import { DUTY_RULES } from './duty-rules.js';
import { formatRows } from './findings.js';

/** What `forRoot` takes: options, and what says how the module stands in the application. */
export type AuditedOptions = SessionCryptoOptions & {
  readonly name?: string;
  readonly isGlobal?: boolean;
  readonly mount?: boolean;
};

const RANK = { broken: 0, weak: 1, choose: 2, ok: 3 };

/** A row for each recommendation that applies, what is broken first, what is ok last. Takes the very object that
 *  `forRoot` is given, reads no file and runs no program. A context has rows where it differs from the base. Throws a
 *  SessionConfigError where the options are wrong. */
export function auditOptions(options: AuditedOptions, environment: AuditEnvironment = {}): AuditRow[] {
  const { name, isGlobal: _isGlobal, mount: _mount, ...said } = Object(options) as AuditedOptions;
  return auditResolved(said, resolveOptions(said, name), environment);
}

/** The same for options that have been resolved. */
export function auditResolved(
  said: SessionCryptoOptions,
  resolved: ResolvedOptions,
  environment: AuditEnvironment = {},
): AuditRow[] {
  const known = withDefaults(environment);
  const subject = { options: resolved, secrets: said.crypto.secrets ?? [], environment: known };
  const base = resolved.scope.enabled ? auditSet(subject as AuditSubject) : [];
  const rows = [...base, ...contextRows(said, resolved, base, known), ...contendedCookies(resolved)];
  return rows.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]);
}

function withDefaults(environment: AuditEnvironment): AuditSubject['environment'] {
  const { production = process.env['NODE_ENV'] === 'production', variables = process.env } = environment;
  return { ...environment, production, variables, now: environment.now ?? new Date() };
}

function auditSet(subject: AuditSubject, rules = AUDIT_RULES): AuditRow[] {
  const rows = rules.flatMap((rule) => {
    const text = inForce(rule, subject);
    return [rule.judge(subject) ?? []].flat().map((found) => rowOf(text, found));
  });
  return [...formatRows(subject.options), ...rows];
}

/** What the rule advises these options. */
const inForce = (rule: AuditRule, { options }: AuditSubject): RuleText =>
  rule.sharedRemedy && options.crypto.format ? { ...rule, remedy: rule.sharedRemedy } : rule;

function contextRows(
  said: SessionCryptoOptions,
  { contexts }: ResolvedOptions,
  base: readonly AuditRow[],
  environment: AuditSubject['environment'],
): AuditRow[] {
  const rules = AUDIT_RULES.filter((rule) => !DUTY_RULES.includes(rule));
  const isNew = (row: AuditRow) => !base.some((one) => isSame(one, row));
  return contexts.flatMap(({ options }, i) => {
    if (!options.scope.enabled) return [];
    const secrets = said.contexts?.[i]?.crypto?.secrets ?? said.crypto.secrets ?? [];
    const own = options.crypto.format ? [] : (secrets as readonly SecretOption[]);
    const rows = auditSet({ options, secrets: own, environment }, rules).filter(isNew);
    return rows.map((row) => ({ ...row, setting: `contexts[${i}].${row.setting}` }));
  });
}

const COMPARED = ['code', 'setting', 'value', 'verdict', 'why'] as const;

const isSame = (a: AuditRow, b: AuditRow): boolean => COMPARED.every((column) => a[column] === b[column]);

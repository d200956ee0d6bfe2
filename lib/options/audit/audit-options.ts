import { checkNames, type OptionNames } from '../../errors/check-names.js';
import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { SessionCryptoOptions } from '../options.interface.js';
import { isForeignStore } from '../store-kind.js';
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
import { EQUAL_PARAMETERS } from './crypto-rules.js';
import { DUTY_RULES } from './duty-rules.js';
import { formatRows } from './format-rows.js';

/** The object that `forRoot` takes: the options, and the three extras of the module, which the audit does not judge. */
export type AuditedOptions = SessionCryptoOptions & {
  readonly name?: string;
  readonly isGlobal?: boolean;
  readonly mount?: boolean;
};

const ENVIRONMENT: OptionNames<AuditEnvironment> = {
  production: true,
  https: true,
  hsts: true,
  proxyTrust: true,
  fingerprint: true,
  variables: true,
  now: true,
};

const RANK = { broken: 0, weak: 1, choose: 2, ok: 3 };

/** Compares options with all recommendations that apply, and returns a row for each: `broken` first, then `weak`,
 *  `choose` and `ok`. Takes the same object as `forRoot`. Reads no file and runs no program. A context adds rows only
 *  where it differs from the base options. Throws a SessionConfigError if the options would stop the start. */
export function auditOptions(options: AuditedOptions, environment: AuditEnvironment = {}): AuditRow[] {
  checkNames('auditOptions() environment', environment, ENVIRONMENT);
  const given = Object(options) as AuditedOptions;
  return auditResolved(given, resolveAudited(given), environment);
}

/** Resolves the object that `forRoot` takes, without the extras of the module. Throws a SessionConfigError. */
export const resolveAudited = ({
  name,
  isGlobal: _isGlobal,
  mount: _mount,
  ...given
}: AuditedOptions): ResolvedOptions => resolveOptions(given, name);

/** Does the same with options that were resolved before. `given` is what `forRoot` got: its secrets are judged, which
 *  the resolved options no longer contain. */
export function auditResolved(
  given: SessionCryptoOptions,
  resolved: ResolvedOptions,
  environment: AuditEnvironment = {},
): AuditRow[] {
  const known = withDefaults(environment);
  const secrets = (given.crypto.secrets ?? []) as readonly SecretOption[];
  const subject = { options: resolved, secrets, environment: known };
  const base = resolved.scope.enabled ? auditSet(subject) : judgeAll(subject, [EQUAL_PARAMETERS]);
  const rows = [...base, ...contextRows(given, resolved, base, known), ...contendedCookies(resolved)];
  return rows.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]);
}

function withDefaults(environment: AuditEnvironment): AuditSubject['environment'] {
  const { production = process.env['NODE_ENV'] === 'production', variables = process.env } = environment;
  return { ...environment, production, variables, now: environment.now ?? new Date() };
}

const auditSet = (subject: AuditSubject, rules = AUDIT_RULES): AuditRow[] => [
  ...formatRows(subject),
  ...judgeAll(subject, rules),
];

function judgeAll(subject: AuditSubject, rules: readonly AuditRule[]): AuditRow[] {
  return rules.flatMap((rule) => {
    const text = textFor(rule, subject);
    return [rule.judge(subject) ?? []].flat().map((judgement) => rowOf(text, judgement));
  });
}

/** Returns the text of a rule, with the remedy for shared sessions if another program shares their format or their store. */
const textFor = (rule: AuditRule, { options: { crypto, store } }: AuditSubject): RuleText =>
  rule.sharedRemedy && (crypto.format || isForeignStore(store))
    ? { ...rule, remedy: rule.sharedRemedy }
    : rule;

/** Returns the rows in which a context differs from the base. The duties of an application are not repeated, and the
 *  fingerprint of the base covers all contexts. */
function contextRows(
  given: SessionCryptoOptions,
  { contexts }: ResolvedOptions,
  base: readonly AuditRow[],
  environment: AuditSubject['environment'],
): AuditRow[] {
  const rules = AUDIT_RULES.filter((rule) => rule !== EQUAL_PARAMETERS && !DUTY_RULES.includes(rule));
  const isNew = (row: AuditRow) => !base.some((one) => isSame(one, row));
  return contexts.flatMap(({ options }, i) => {
    if (!options.scope.enabled) return [];
    const secrets = given.contexts?.[i]?.crypto?.secrets ?? given.crypto.secrets ?? [];
    const own = options.crypto.format ? [] : (secrets as readonly SecretOption[]);
    const rows = auditSet({ options, secrets: own, environment }, rules).filter(isNew);
    return rows.map((row) => ({ ...row, setting: `contexts[${i}].${row.setting}` }));
  });
}

const COMPARED = ['code', 'setting', 'value', 'verdict', 'why'] as const;

const isSame = (a: AuditRow, b: AuditRow): boolean => COMPARED.every((column) => a[column] === b[column]);

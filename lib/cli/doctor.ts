import { parseArgs } from 'node:util';
import { SessionConfigError } from '../errors/session-config.error.js';
import { lastClause } from '../options/audit/last-clause.js';
import { auditOptions, type AuditedOptions } from '../options/audit/audit-options.js';
import { resolveOptions } from '../options/resolve-options.js';
import type { AuditEnvironment, AuditRow } from '../options/audit/audit.interface.js';
import { loadConfig } from './load-config.js';
import { opensslRow, opensslState } from './openssl-row.js';
import type { Output } from './output.interface.js';
import { countVerdicts, printRows } from './print-rows.js';
import { auditSite, type SiteAudit } from './site/audit-site.js';
import { UsageError } from './usage.error.js';

/** The help text of `doctor`, which docs/hardening.md shows too. */
export const DOCTOR_USAGE = `  session-crypto doctor [--config FILE] [--url URL] [--strict] [--json]
                                             audits options, a running site, or both
      --config FILE       a module that exports the options of forRoot() as sessionOptions, options or default:
                          an object, or a function that returns one (.js, .mjs, .cjs; .ts if this Node reads it)
      --development       judge a developer's machine, not a production site
      --proxy-trust WHOM  the senders that the platform believes: none, named or all
      --fingerprint HEX   the value of "crypto" that the audit shows on another server, to compare
      --url URL           a page that starts a session
      --plain-url URL     the site's http address, if its port is not 80
      --cookie NAME       the name of the site's session cookie
      --insecure          accept any certificate; for this machine only
      --strict            exit with status 1 if something is weak
      --json              print JSON: { verdicts, rows }
    exit status: 0 nothing is broken, 1 something is weak (with --strict), 2 something is broken, or the command
    line is wrong
`;

const OPTIONS = {
  config: { type: 'string' },
  url: { type: 'string' },
  'plain-url': { type: 'string' },
  cookie: { type: 'string', multiple: true },
  insecure: { type: 'boolean', default: false },
  development: { type: 'boolean', default: false },
  'proxy-trust': { type: 'string' },
  fingerprint: { type: 'string' },
  strict: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** The values of `AuditEnvironment.proxyTrust`. */
const TRUST = ['none', 'named', 'all'] as const;

/** Runs the audit and prints its rows. Resolves to the exit status. Rejects with a UsageError if an argument is wrong or the
 *  options cannot be loaded. */
export async function doctor(args: string[], output: Output): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { config, url, strict, json } = values;
  if (!config && !url) throw new UsageError('doctor needs --config FILE, --url URL, or both');
  const environment = environmentOf(values);
  const options = config ? await loadConfig(config).catch(configErrorOf) : undefined;
  const isWrong = options instanceof SessionConfigError;
  const site = url ? await siteOf(url, values, isWrong ? undefined : options) : undefined;
  const optionRows = config
    ? [
        ...rowsOfOptions(options, { ...environment, https: site?.https, hsts: site?.hsts }),
        opensslRow(opensslState()),
      ]
    : [];
  const rows = [...optionRows, ...(site?.rows ?? [])];
  output.out(
    json ? `${JSON.stringify({ verdicts: countVerdicts(rows), rows }, null, 2)}\n` : printRows(rows),
  );
  return statusOf(rows, strict);
}

/** Returns the exit status, so that a CI job fails: 2 if something is broken, and with `strict` 1 if something is weak. */
function statusOf(rows: readonly AuditRow[], strict: boolean): number {
  const { broken, weak } = countVerdicts(rows);
  if (broken) return 2;
  return strict && weak ? 1 : 0;
}

/** The arguments, as `parseArgs` returns them. */
interface Given {
  readonly development?: boolean;
  readonly fingerprint?: string;
  readonly 'proxy-trust'?: string;
  readonly 'plain-url'?: string;
  readonly cookie?: string[];
  readonly insecure?: boolean;
}

/** Returns the facts that the operator passes. A command line has no NODE_ENV of the application, so the audit judges a
 *  production site unless `--development` is set. */
function environmentOf({ development, fingerprint, 'proxy-trust': trust }: Given): AuditEnvironment {
  const proxyTrust = TRUST.find((one) => one === trust);
  if (trust !== undefined && !proxyTrust)
    throw new UsageError(`--proxy-trust is "${trust}"; allowed are ${TRUST.join(', ')}`);
  return { production: !development, proxyTrust, fingerprint };
}

/** Audits the site. Its cookies have the names that `--cookie` gives, or those of the options. */
function siteOf(url: string, given: Given, options: AuditedOptions | undefined): Promise<SiteAudit> {
  const names = given.cookie ?? (options ? cookieNames(options) : []);
  return auditSite(url, { names, insecure: given.insecure === true, plainUrl: given['plain-url'] });
}

/** Returns the error of options that cannot be made, such as those of a php.ini with a fault. Other errors propagate. */
function configErrorOf(error: unknown): SessionConfigError {
  if (error instanceof SessionConfigError) return error;
  throw error;
}

/** Returns the rows of the options. If the options would stop the start, each fault is a row that is `broken`. */
function rowsOfOptions(
  options: AuditedOptions | SessionConfigError | undefined,
  environment: AuditEnvironment,
): AuditRow[] {
  if (options instanceof SessionConfigError) return faultRows(options);
  try {
    return auditOptions(options as AuditedOptions, environment);
  } catch (error) {
    return faultRows(configErrorOf(error));
  }
}

const faultRows = ({ faults }: SessionConfigError): AuditRow[] =>
  faults.map(({ path, message }) => ({
    setting: path,
    value: 'the application does not start',
    recommended: 'options that start',
    verdict: 'broken',
    why: message,
    remedy: lastClause(message) ?? `set ${path} to an allowed value`,
    source: 'nestjs-session-crypto',
    code: 'config-fault',
  }));

/** Returns the cookie names of the options, with those of all contexts; none if the options are wrong. */
function cookieNames({ name, isGlobal: _isGlobal, mount: _mount, ...given }: AuditedOptions): string[] {
  try {
    const { contexts, ...base } = resolveOptions(given, name);
    const all = [base, ...contexts.map(({ options }) => options)];
    return all.flatMap(({ cookies: { secure, plain } }) => [secure, plain].flatMap((one) => one?.name ?? []));
  } catch {
    return [];
  }
}

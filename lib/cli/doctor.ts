import { parseArgs } from 'node:util';
import { SessionConfigError } from '../errors/session-config.error.js';
import { auditOptions, type AuditedOptions } from '../options/audit/audit-options.js';
import { resolveOptions } from '../options/resolve-options.js';
import type { AuditEnvironment, AuditRow } from '../options/audit/audit.interface.js';
import { loadConfig } from './load-config.js';
import { opensslRow, opensslState } from './openssl-row.js';
import type { Output } from './output.interface.js';
import { countVerdicts, printRows } from './print-rows.js';
import { auditSite, type SiteAudit } from './site/audit-site.js';
import { UsageError } from './usage.error.js';

export const DOCTOR_USAGE = `  session-crypto doctor [--config FILE] [--url URL] [--strict] [--json]
                                             audits options, a running site, or both
      --config FILE       a module that exports what forRoot() gets: sessionOptions, options or by default,
                          the object or a function that gives it (.js, .mjs, .cjs; .ts where Node reads it)
      --development       judge as for a developer's machine, not as for visitors
      --proxy-trust WHOM  none, named or all: whose word the platform takes
      --fingerprint HEX   what another server said of "crypto", to compare
      --url URL           an address at which a session begins
      --plain-url URL     its plain address, where that is not port 80
      --cookie NAME       the session's cookie there
      --insecure          take any certificate, of this machine only
      --strict            exit status 1 when something is weak
    exit status: 0 nothing is broken, 1 something is weak (with --strict), 2 something is broken or was asked wrongly
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

const TRUST = ['none', 'named', 'all'] as const;

/** The audit at the command line. Resolves to the exit status; rejects with a UsageError. */
export async function doctor(args: string[], output: Output): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { config, url, strict, json } = values;
  if (!config && !url) throw new UsageError('doctor needs --config FILE, --url URL, or both');
  const environment = environmentOf(values);
  const options = config ? await loadConfig(config) : undefined;
  const site = url ? await siteOf(url, values, options) : undefined;
  const optionRows = config
    ? [...rowsOfOptions(options, { ...environment, https: site?.https }), opensslRow(opensslState())]
    : [];
  const rows = [...optionRows, ...(site?.rows ?? [])];
  output.out(
    json ? `${JSON.stringify({ verdicts: countVerdicts(rows), rows }, null, 2)}\n` : printRows(rows),
  );
  return statusOf(rows, strict);
}

function statusOf(rows: readonly AuditRow[], strict: boolean): number {
  const { broken, weak } = countVerdicts(rows);
  if (broken) return 2;
  return strict && weak ? 1 : 0;
}

interface Given {
  readonly development?: boolean;
  readonly fingerprint?: string;
  readonly 'proxy-trust'?: string;
  readonly 'plain-url'?: string;
  readonly cookie?: string[];
  readonly insecure?: boolean;
}

function environmentOf({ development, fingerprint, 'proxy-trust': trust }: Given): AuditEnvironment {
  const proxyTrust = TRUST.find((one) => one === trust);
  if (trust !== undefined && !proxyTrust)
    throw new UsageError(`--proxy-trust is "${trust}"; allowed are ${TRUST.join(', ')}`);
  return { production: !development, proxyTrust, fingerprint };
}

function siteOf(url: string, given: Given, options: AuditedOptions | undefined): Promise<SiteAudit> {
  const names = given.cookie ?? (options ? cookieNames(options) : []);
  return auditSite(url, { names, insecure: given.insecure === true, plainUrl: given['plain-url'] });
}

/** Options that do not start are broken, each fault a row. */
function rowsOfOptions(options: AuditedOptions | undefined, environment: AuditEnvironment): AuditRow[] {
  try {
    return auditOptions(options as AuditedOptions, environment);
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => ({
      setting: path,
      value: 'the application does not start',
      recommended: 'options that start',
      verdict: 'broken',
      why: message,
      remedy: `set ${path} to what is allowed`,
      source: 'nestjs-session-crypto',
      code: 'config-fault',
    }));
  }
}

/** The names that the options give cookies; none where the options are wrong. */
function cookieNames({ name, isGlobal: _isGlobal, mount: _mount, ...said }: AuditedOptions): string[] {
  try {
    const { contexts, ...base } = resolveOptions(said, name);
    const all = [base, ...contexts.map(({ options }) => options)];
    return all.flatMap(({ cookies: { secure, plain } }) => [secure, plain].flatMap((one) => one?.name ?? []));
  } catch {
    return [];
  }
}

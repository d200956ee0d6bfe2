import { Option, type Command } from 'commander';
import { SessionConfigError } from '../errors/session-config.error.js';
import { lastClause } from '../options/audit/last-clause.js';
import { auditOptions, resolveAudited, type AuditedOptions } from '../options/audit/audit-options.js';
import type { AuditEnvironment, AuditRow } from '../options/audit/audit.interface.js';
import type { CommandIo } from './command-io.interface.js';
import { loadConfig, presentConfig } from './load-config.js';
import type { SessionFlags } from './open-sessions.js';
import { prepareSessions } from './prepare-sessions.js';
import { opensslRow, opensslState } from './openssl-row.js';
import { EXIT } from './exit-codes.js';
import { exits } from './exits.js';
import { healthRows } from './health-rows.js';
import { withExample } from './help.js';
import { countVerdicts, printRows } from './print-rows.js';
import { jsonOf } from './printable.js';
import { auditSite, type SiteAudit } from './site/audit-site.js';
import { UsageError } from './usage.error.js';

/** The values of `AuditEnvironment.proxyTrust`. */
const TRUST = ['none', 'named', 'all'] as const;

/** The options, as commander returns them. */
interface DoctorFlags extends SessionFlags {
  readonly url?: string;
  readonly plainUrl?: string;
  readonly cookie?: string[];
  readonly insecure?: boolean;
  readonly development?: boolean;
  readonly proxyTrust?: (typeof TRUST)[number];
  readonly fingerprint?: string;
  readonly health?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `session-crypto doctor`: audits options, a running site, or both. */
export const addDoctorCommands = (program: Command, io: CommandIo): Command =>
  withExample(
    program
      .command('doctor')
      .description(
        'audit options, a running site, or both; ends with 0 if nothing is broken, with 1 if something is weak (--strict), with 2 if something is broken',
      )
      .option(
        '--config <file>',
        'a module that exports the options of forRoot() as sessionOptions, options or default: an object, or a function that returns one (.js, .mjs, .cjs; .ts if this Node reads it)',
      )
      .option('--module <file#class>', 'the application’s own module in place of a file with options')
      .option('--session <name>', 'the name of the session, where an application has several')
      .option('--development', 'judge a developer’s machine, not a production site')
      .addOption(new Option('--proxy-trust <whom>', 'the senders that the platform believes').choices(TRUST))
      .option(
        '--fingerprint <hex>',
        'the value of "crypto" that the audit shows on another server, to compare',
      )
      .option('--url <url>', 'a page that starts a session')
      .option('--plain-url <url>', 'the site’s http address, if its port is not 80')
      .option('--cookie <name...>', 'the name of the site’s session cookie')
      .option('--insecure', 'accept any certificate; for this machine only')
      .option('--health', 'open the stores and keys of the options too, and say whether they answer')
      .option('--strict', 'end with 1 if something is weak')
      .option('--json', 'print JSON: { verdicts, rows }'),
    'session-crypto doctor --config session.options.mjs --strict',
    'session-crypto doctor --url https://shop.example/login',
  ).action(exits((flags: DoctorFlags) => doctor(flags, io)));

/** Runs the audit and prints its rows. Resolves to the exit status. Rejects with a UsageError if an argument is wrong, and with a
 *  CommandError if the options cannot be loaded. */
async function doctor(flags: DoctorFlags, io: CommandIo): Promise<number> {
  const { url, strict, json } = flags;
  const environment = environmentOf(flags);
  const options = await givenOptions(flags)?.catch(configErrorOf);
  if (!options && !url)
    throw new UsageError('doctor needs options or a site: --config FILE, --module FILE#CLASS or --url URL');
  if (flags.health && !options)
    throw new UsageError('doctor --health needs --config FILE or --module FILE#CLASS');
  const isWrong = options instanceof SessionConfigError;
  const site = url ? await siteOf(url, flags, isWrong ? undefined : options) : undefined;
  const optionRows = options
    ? [
        ...rowsOfOptions(options, { ...environment, https: site?.https, hsts: site?.hsts }),
        opensslRow(opensslState()),
      ]
    : [];
  const health = flags.health && !isWrong ? await healthRows(flags) : [];
  const rows = [...optionRows, ...health, ...(site?.rows ?? [])];
  io.out(json ? jsonOf({ verdicts: countVerdicts(rows), rows }) : printRows(rows));
  return statusOf(rows, strict);
}

/** Loads the options that the flags name, or those of the default file if no site is named either. */
function givenOptions({ config, module, session, url }: DoctorFlags): Promise<AuditedOptions> | undefined {
  if (module !== undefined) return moduleOptions({ config, module, session });
  const file = config ?? (url ? undefined : presentConfig());
  return file === undefined ? undefined : loadConfig(file);
}

/** Takes the options out of an application whose stores stay closed. */
async function moduleOptions(flags: SessionFlags): Promise<AuditedOptions> {
  const { options, close } = await prepareSessions(flags);
  await close();
  return options;
}

/** Returns the exit status, so that a CI job fails: 2 if something is broken, and with `strict` 1 if something is weak. */
function statusOf(rows: readonly AuditRow[], strict: boolean | undefined): number {
  const { broken, weak } = countVerdicts(rows);
  if (broken) return BROKEN;
  return strict && weak ? EXIT.findings : EXIT.ok;
}

/** The status of a broken audit. */
const BROKEN = 2;

/** Returns the facts that the operator passes. A command line has no NODE_ENV of the application, so the audit judges a
 *  production site unless `--development` is set. */
const environmentOf = ({ development, fingerprint, proxyTrust }: DoctorFlags): AuditEnvironment => ({
  production: !development,
  proxyTrust,
  fingerprint,
});

/** Audits the site. Its cookies have the names that `--cookie` gives, or those of the options. */
function siteOf(url: string, given: DoctorFlags, options: AuditedOptions | undefined): Promise<SiteAudit> {
  const names = given.cookie ?? (options ? cookieNames(options) : []);
  return auditSite(url, { names, insecure: given.insecure === true, plainUrl: given.plainUrl });
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
function cookieNames(options: AuditedOptions): string[] {
  try {
    const { contexts, ...base } = resolveAudited(options);
    const all = [base, ...contexts.map((context) => context.options)];
    return all.flatMap(({ cookies: { secure, plain } }) => [secure, plain].flatMap((one) => one?.name ?? []));
  } catch {
    return [];
  }
}

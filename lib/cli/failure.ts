import { CommanderError } from 'commander';
import type { ConfigFault, SessionConfigError } from '../errors/session-config.error.js';
import { codeOf } from '../errors/session-store.error.js';
import { WITHOUT_CODE } from '../manager/store-start.js';
import { outageText } from '../stores/outage-text.js';
import { isSqlState } from '../stores/sql/sqlstate.js';
import { CommandError } from './command.error.js';
import { EXIT } from './exit-codes.js';

/** What a command ends with. */
export interface Failure {
  readonly status: number;
  /** One sentence that says what was seen and what to do; empty if all is said. */
  readonly message: string;
}

/** Statuses by the `code` of an error of this package. */
const OF_CODE: Readonly<Record<string, number>> = {
  ERR_SESSION_UNSUPPORTED: EXIT.config,
  ERR_SESSION_KEY: EXIT.data,
  ERR_SESSION_VALUE: EXIT.data,
  ERR_SESSION_USAGE: EXIT.data,
  ERR_SESSION_GONE: EXIT.findings,
  ERR_SESSION_DRIVER: EXIT.unavailable,
};

/** Reasons why a store has failed, by what they mean for an operator. Whole codes, or classes of SQLSTATEs. */
const OF_REASON: readonly (readonly [status: number, reasons: RegExp])[] = [
  [EXIT.noPermission, /^(?:42501|28...|EACCES|EPERM|EROFS|25006|NOPERM|NOAUTH|WRONGPASS)$/],
  [
    EXIT.temporary,
    /^(?:timeout|ETIMEDOUT|53300|57P03|40001|40P01|LOADING|BUSY|TRYAGAIN|locked|crowded|conflict|EAI_AGAIN)$/,
  ],
  [EXIT.io, /^(?:ENOSPC|EIO|EDQUOT|EMFILE|ENFILE|53100|58...)$/],
  [EXIT.noInput, /^(?:ENOENT|ENOTDIR)$/],
  [EXIT.config, /^(?:3D000|3F000|42P01|42703)$/],
];

/** Returns the status and the sentence for whatever a command has thrown. An error that is not of this package shows only its code
 *  or class. Errors are known by their codes, since an application may have another copy of this package. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandError) return { status: error.status, message: error.message };
  if (error instanceof CommanderError) return { status: error.exitCode && EXIT.usage, message: '' };
  const { code, message } = Object(error) as { code?: string; message?: string };
  if (code === 'ERR_SESSION_STORE') return storeFailure(error as StoreFailure);
  if (code === 'ERR_SESSION_CONFIG') return configFailure(error as SessionConfigError);
  if (isOurs(error)) return { status: OF_CODE[code!] ?? EXIT.software, message: message! };
  return (
    systemFailure(codeOf(error)) ?? {
      status: EXIT.software,
      message: `the command failed (${codeOf(error)})`,
    }
  );
}

/** Reports whether {@link failureOf} knows more of an error than its code: it is one of this package, so that its message contains
 *  no secret, or one of the system or of a database. */
export const isKnown = (error: unknown): boolean => isOurs(error) || isOfSystem(codeOf(error));

/** Names of errors of the system, and SQLSTATEs. */
const isOfSystem = (code: string): boolean => /^E[A-Z_]+$/.test(code) || isSqlState(code);

const isOurs = (error: unknown): boolean =>
  error instanceof CommandError ||
  /^ERR_(?:SESSION|ENVELOPE)/.test(String((Object(error) as { code?: unknown }).code));

/** Wrong options, or a table or folder that this user may not use. */
function configFailure({ faults }: SessionConfigError): Failure {
  const reason = faults.find((fault: ConfigFault) => fault.reason !== undefined)?.reason;
  const message = faults.map(({ path, message: text }) => `${path}: ${text}`).join('\n');
  return { status: reason === undefined ? EXIT.config : statusOf(reason), message };
}

/** A SessionStoreError, or what is known of another one. */
interface StoreFailure {
  readonly message?: string;
  readonly operation: string;
  readonly reason: string;
}

function storeFailure({ operation, reason, message: own }: StoreFailure): Failure {
  const status = statusOf(reason);
  if (operation === 'open' && reason === WITHOUT_CODE && own) return { status, message: own };
  const message =
    status === EXIT.noPermission
      ? `this user may not do "${operation}" in the store (${reason}); ${rightOf(operation, reason)}`
      : `the store failed in "${operation}": ${outageText(reason)}; ${ADVICE[status] ?? ADVICE[EXIT.unavailable]}`;
  return { status, message };
}

/** What to do, by status. */
const ADVICE: Readonly<Record<number, string>> = {
  [EXIT.unavailable]: 'check that it runs, and that the options lead to it',
  [EXIT.temporary]: 'repeat the command later',
  [EXIT.io]: 'make room on its disk, or look at the log of its server',
  [EXIT.config]: 'check the options of the store',
};

/** Returns the right that a user lacks. */
function rightOf(operation: string, reason: string): string {
  if (/^(?:28|NOAUTH|WRONGPASS)/.test(reason)) return 'check the name and the password in the options';
  if (operation === 'createTable')
    return 'run GRANT CREATE ON SCHEMA for it, or give the SQL of session-crypto schema to somebody who may';
  if (reason === '25006') return 'the database is read-only; name the primary in the options';
  if (isSqlState(reason))
    return 'run GRANT SELECT, INSERT, UPDATE, DELETE ON the table of sessions for it (docs/stores.md)';
  if (reason === 'NOPERM')
    return 'give it EVAL, EVALSHA and what the scripts call, on the keys that docs/stores.md lists';
  return 'run the command as the user of the application, and let this user write in the folder of sessions';
}

const statusOf = (reason: string): number =>
  OF_REASON.find(([, reasons]) => reasons.test(reason))?.[0] ?? EXIT.unavailable;

/** Returns the failure for an error of a file, a socket or a database that reached the command as it is. */
function systemFailure(code: string): Failure | undefined {
  return isOfSystem(code) ? storeFailure({ operation: 'open', reason: code }) : undefined;
}

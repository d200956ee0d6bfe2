/** How often a line of one kind is written. `always`: what it tells happens rarely, whatever strangers do. `minute`: five lines in a
 *  minute, then one with the number of the others. `tenMinutes`: one line in ten minutes, with that number. */
export type LineLimit = 'always' | 'minute' | 'tenMinutes';

/** The levels, as the methods of Nest's logger. */
export type LineLevel = 'error' | 'warn' | 'log' | 'debug';

interface LineRule {
  readonly level: LineLevel;
  readonly limit: LineLimit;
}

const rule = <L extends LineLevel>(level: L, limit: LineLimit) => ({ level, limit });

/** Every line of the log, by the name that a JSON logger finds as `event`. docs/operations.md says what each one means, and a test
 *  compares the page with this table. */
export const LINES = {
  started: rule('log', 'always'),
  sinceStart: rule('log', 'always'),
  stopped: rule('log', 'always'),
  audit: rule('warn', 'always'),
  auditFailed: rule('debug', 'always'),
  startWaits: rule('error', 'always'),
  storeDown: rule('error', 'minute'),
  storeUp: rule('warn', 'minute'),
  storeFinding: rule('warn', 'always'),
  pruneFailed: rule('error', 'minute'),
  pruneWorks: rule('warn', 'minute'),
  driverDown: rule('error', 'minute'),
  driverUp: rule('warn', 'minute'),
  keysReloaded: rule('log', 'minute'),
  keysFailed: rule('error', 'tenMinutes'),
  keyChanged: rule('log', 'minute'),
  keyMissing: rule('warn', 'tenMinutes'),
  mismatch: rule('warn', 'tenMinutes'),
  rejected: rule('debug', 'minute'),
  ambiguous: rule('warn', 'minute'),
  reused: rule('warn', 'minute'),
  revokedAll: rule('warn', 'always'),
  operatorAction: rule('log', 'always'),
  conflict: rule('debug', 'minute'),
  dropped: rule('debug', 'minute'),
  lostChange: rule('error', 'minute'),
  touchFailed: rule('warn', 'minute'),
  commitFailed: rule('warn', 'minute'),
  commitRefused: rule('debug', 'minute'),
  telemetryOff: rule('warn', 'always'),
  plainHttp: rule('error', 'always'),
  unreachableCookie: rule('error', 'always'),
  foreignOrigin: rule('warn', 'always'),
  publicCache: rule('error', 'always'),
  proxyTrusted: rule('log', 'always'),
  proxyNotTrusted: rule('warn', 'always'),
  phpFileOwner: rule('error', 'always'),
  phpFileSerializer: rule('error', 'always'),
  rememberTheft: rule('warn', 'minute'),
  rememberMismatch: rule('warn', 'tenMinutes'),
  rememberRejected: rule('debug', 'minute'),
} as const satisfies Readonly<Record<string, LineRule>>;

/** The name of a line, which never changes: alerts are built on it. */
export type LineName = keyof typeof LINES;

/** Facts of a line, for a logger that writes JSON. They hold no secret, no token and no value of a session. */
export type LineFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Tells the operator one plain sentence, in one line of the log. */
export type TellOperator = (message: string, line: LineName, fields?: LineFields) => void;

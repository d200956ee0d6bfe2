import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import { isOutage } from '../persistence/store-health.js';
import { isSqlState } from '../stores/sql/sqlstate.js';

/** What the reasons of an outage mean, in the operator's words. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens at its address',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the name of its host is not known',
  EAI_AGAIN: 'the name of its host cannot be looked up now',
  ETIMEDOUT: 'it does not answer in time',
  EHOSTUNREACH: 'no route leads to its host',
  ENETUNREACH: 'no route leads to its network',
  timeout: 'it does not answer in time',
  disconnected: 'the client has no connection',
  replica: 'the server is a replica, which takes no logouts and shows old sessions',
  LOADING: 'Redis is loading its data',
  CLUSTERDOWN: 'the Cluster does not cover all slots',
  MASTERDOWN: 'the primary of this replica is down',
  READONLY: 'the server is a replica of Redis',
  '25006': 'the database is read-only',
  '53300': 'the database has no connection left',
  '57P01': 'the database is shutting down',
  '57P02': 'the database is recovering from a crash',
  '57P03': 'the database is starting up or shutting down',
};

/** Milliseconds between two attempts: the first, and the longest. */
const FIRST_REST = 100;
const LONGEST_REST = 2000;

/** Rests before the next attempt. Rejects at once when `signal` is aborted. */
type Rest = (attempt: number, signal: AbortSignal) => Promise<void>;

const restLonger: Rest = (attempt, signal) =>
  pause(Math.min(LONGEST_REST, FIRST_REST * 2 ** (attempt - 1)), undefined, { signal });

/** The start of what may be unavailable: a store of sessions or keys. */
export interface Opening {
  /** What it is, in the operator's words. @default 'session store' */
  readonly what?: string;
  /** Opens it, and leaves nothing open when it rejects. */
  open(): Promise<void>;
  /** Closes what was opened after nobody waited for it any more. */
  close(): Promise<void>;
}

/** Opens a store when the application starts. While the store is unavailable the start fails, or waits for it until the
 *  application is closed. What is wrong with the options, the table or the password always stops the start. */
export class StoreStart {
  private readonly closing = new AbortController();

  constructor(
    private readonly onStoreDown: 'fail' | 'wait',
    private readonly rest: Rest = restLonger,
  ) {}

  /** `warn` gets one line for each fault that the start waits for. Rejects with a SessionStoreError that names the fault. */
  async open(opening: Opening, warn: (message: string) => void): Promise<void> {
    const told = new Set<string>();
    for (let attempt = 1; ; attempt++) {
      const reason = await this.outageOf(opening);
      if (reason === undefined) return;
      const { what = 'session store' } = opening;
      if (this.onStoreDown === 'fail') throw startError(what, reason);
      if (!told.has(reason)) warn(`The start waits for the ${what}: ${explained(reason)}`);
      told.add(reason);
      await this.rest(attempt, this.closing.signal).catch(() => undefined);
    }
  }

  /** Ends a start that waits; it rejects. */
  stop(): void {
    this.closing.abort();
  }

  /** Makes one attempt. Resolves to the reason if the store is unavailable, to nothing if it is open, and rejects with any
   *  other fault. */
  private async outageOf(opening: Opening): Promise<string | undefined> {
    const { signal } = this.closing;
    if (signal.aborted) throw closedError();
    const opened = opening.open();
    try {
      await Promise.race([opened, aborted(signal)]);
      return undefined;
    } catch (error) {
      if (signal.aborted) {
        void opened.then(() => opening.close()).catch(() => undefined);
        throw closedError();
      }
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      return reason;
    }
  }
}

/** Rejects when `signal` is aborted. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(closedError()), { once: true });
  });

/** Mistakes in a program, which no waiting mends. */
const MISTAKES: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** Returns why the store is unavailable; nothing for any other fault. An error that no store has judged comes from a driver
 *  that connects, and has to be known. `Error` is one without a code: `pg` reports a connection that was closed by it. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof SessionStoreError)
    return isOutage(error.reason) && !MISTAKES.has(error.reason) ? error.reason : undefined;
  const code = codeOf(error);
  const isKnown = Object.hasOwn(MEANINGS, code) || code === 'Error' || isSqlState(code);
  return error instanceof SessionCryptoError || !isKnown || !isOutage(code) ? undefined : code;
}

const explained = (reason: string): string => `${MEANINGS[reason] ?? 'it is unavailable'} (${reason})`;

const startError = (what: string, reason: string) =>
  new SessionStoreError(
    'open',
    reason,
    `The application cannot start without its ${what}: ${explained(reason)}. ` +
      `To let the start wait for it, set session.onStoreDownAtStart: 'wait'`,
  );

const closedError = () =>
  new SessionStoreError(
    'open',
    'closed',
    'The application was closed while its start waited for the session store',
  );

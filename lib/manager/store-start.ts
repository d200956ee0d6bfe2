import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import { isOutage } from '../persistence/store-health.js';
import { isKnownOutage, outageText } from '../stores/outage-text.js';
import { isSqlState } from '../stores/sql/sqlstate.js';
import type { TellOperator } from '../errors/log-lines.js';

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

  /** `tell` gets one line for each fault that the start waits for. Rejects with a SessionStoreError that names the fault. */
  async open(opening: Opening, tell: TellOperator): Promise<void> {
    const told = new Set<string>();
    let withoutCode = 0;
    for (let attempt = 1; ; attempt++) {
      const reason = await this.outageOf(opening);
      if (reason === undefined) return;
      if (reason === WITHOUT_CODE && ++withoutCode > ATTEMPTS_WITHOUT_CODE) throw noOutage(opening);
      if (this.onStoreDown === 'fail') throw startError(opening, reason);
      if (!told.has(reason)) tellWait(tell, opening, reason);
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
      await unlessAborted(opened, signal);
      return undefined;
    } catch (error) {
      if (signal.aborted) {
        void opened.then(() => opening.close()).catch(() => undefined);
        throw closedError();
      }
      const reason = reasonOf(error);
      if (reason === undefined) throw error instanceof SessionStoreError ? refusal(opening, error) : error;
      return reason;
    }
  }
}

/** Settles as `opened` does, and rejects as soon as `signal` is aborted. */
async function unlessAborted(opened: Promise<void>, signal: AbortSignal): Promise<void> {
  let abort!: () => void;
  const aborted = new Promise<never>((_, reject) => (abort = () => reject(closedError())));
  signal.addEventListener('abort', abort);
  await Promise.race([opened, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

/** The reason of an error without a code. `pg` reports so a connection that was closed while the server starts, and also a
 *  missing password and a server without TLS. */
export const WITHOUT_CODE = 'Error';

/** Attempts after which an error without a code is no outage. They last 13 s. */
const ATTEMPTS_WITHOUT_CODE = 10;

/** Returns why the store is unavailable; nothing for any other fault. Only reasons that are known to pass by themselves count:
 *  a certificate, a password or an option is not mended by waiting. */
function reasonOf(error: unknown): string | undefined {
  const isOfStore = error instanceof SessionStoreError;
  if (error instanceof SessionCryptoError && !isOfStore) return undefined;
  const reason = isOfStore ? error.reason : codeOf(error);
  const isKnown = isKnownOutage(reason) || reason === WITHOUT_CODE || isSqlState(reason);
  return isKnown && isOutage(reason) ? reason : undefined;
}

function tellWait(tell: TellOperator, opening: Opening, reason: string): void {
  const store = nameOf(opening);
  tell(`The start waits for the ${store}: ${outageText(reason)}`, 'startWaits', { store, code: reason });
}

const nameOf = ({ what = 'session store' }: Opening): string => what;

const startError = (opening: Opening, reason: string) =>
  new SessionStoreError(
    'open',
    reason,
    `The application cannot start without its ${nameOf(opening)}: ${outageText(reason)}. ` +
      `To let the start wait for it, set session.onStoreDownAtStart: 'wait'`,
  );

const refusal = (opening: Opening, { operation, reason }: SessionStoreError) =>
  new SessionStoreError(
    operation,
    reason,
    `The application cannot start without its ${nameOf(opening)}, which failed with ${reason} in ${operation}`,
  );

const noOutage = (opening: Opening) =>
  new SessionStoreError(
    'open',
    WITHOUT_CODE,
    `The application cannot start without its ${nameOf(opening)}: the client cannot connect, and its error has no code. ` +
      'Connect with the same options by hand, and check the password and TLS',
  );

const closedError = () =>
  new SessionStoreError(
    'open',
    'closed',
    'The application was closed while its start waited for the session store',
  );

import type { Awaitable } from '../../awaitable.js';
import type { KeySource } from '../../key-source.interface.js';
import { codeOf } from '../../../errors/session-store.error.js';
import { SessionCryptoError } from '../../../errors/session-crypto.error.js';
import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { CryptokiError } from './cryptoki.error.js';
import type { Cryptoki } from './cryptoki.js';
import { liveSessions } from './live-sessions.js';
import { logIn } from './log-in.js';
import { ParamFault } from './param.fault.js';
import { TokenSession } from './token-session.js';
import { findToken, type TokenChoice } from './tokens.js';

/** Milliseconds between two attempts to reach a token that is away. An attempt blocks the process until the library gives
 *  up. */
const PAUSE_MS = 1000;

/** The last attempt to open a session, if it failed. */
interface Failure {
  readonly error: unknown;
  /** Moment of the clock, in milliseconds, before which no other attempt is made; `Infinity` for never. */
  readonly until: number;
}

/** Keeps one session with one token, and opens a new one when it is lost. Concurrent calls share one attempt. */
export class TokenConnection {
  private session: TokenSession | undefined;
  private opening: Promise<TokenSession> | undefined;
  private failure: Failure | undefined;
  private isClosed = false;

  constructor(
    readonly cryptoki: Cryptoki,
    private readonly choice: TokenChoice,
    private readonly pin: KeySource | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The current session, unless it is known to be lost. */
  get current(): TokenSession | undefined {
    return this.session && liveSessions.has(this.session) ? this.session : undefined;
  }

  /** Opens the first session. Rejects with a ParamFault, a CryptokiError, or whatever the source of the PIN rejects with. */
  start(): Promise<TokenSession> {
    return this.reopen();
  }

  /** Runs `act` in the session and returns its result: on the same tick while the session lives, else by promise. If `act`
   *  finds that the session is lost, it runs once more in a new session.
   *
   *  Throws or rejects with a SessionDriverError if the token is away or fails. A RangeError, for wrong arguments, passes
   *  through. */
  run<T>(operation: string, act: (session: TokenSession) => T): Awaitable<T> {
    const session = this.current;
    if (!session) return this.runInNewSession(operation, act);
    try {
      return act(session);
    } catch (error) {
      if (!isLost(error)) throw driverError(operation, error);
      this.handleLoss(session, error);
      return this.runInNewSession(operation, act);
    }
  }

  /** Closes the session. Every later call rejects. */
  close(): void {
    this.isClosed = true;
    if (this.session) this.abandon(this.session);
  }

  private async runInNewSession<T>(operation: string, act: (session: TokenSession) => T): Promise<T> {
    try {
      return act(await this.reopen());
    } catch (error) {
      if (isLost(error) && this.session) this.handleLoss(this.session, error);
      throw driverError(operation, error);
    }
  }

  private reopen(): Promise<TokenSession> {
    return (this.opening ??= this.tryOpen().finally(() => (this.opening = undefined)));
  }

  /** Opens a session, unless the last attempt failed a moment ago. A refused PIN is never offered again: it is final, unless its
   *  source may give another one by now. */
  private async tryOpen(): Promise<TokenSession> {
    if (this.isClosed) throw closed();
    if (this.current) return this.current;
    if (this.failure && this.now() < this.failure.until) throw this.failure.error;
    try {
      const session = await this.openSession();
      this.failure = undefined;
      return (this.session = session);
    } catch (error) {
      const isFinal = error instanceof ParamFault && error.isFinal && !this.pin?.reloads;
      this.failure = { error, until: isFinal ? Infinity : this.now() + PAUSE_MS };
      throw error;
    }
  }

  /** Opens a session and logs in. The source of the PIN may take a while; the connection may be closed, or the session lost,
   *  in the meantime. */
  private async openSession(): Promise<TokenSession> {
    const { cryptoki } = this;
    if (cryptoki.initialize()) liveSessions.end(cryptoki.library);
    const token = findToken(cryptoki, this.choice);
    const session = TokenSession.open(cryptoki, token.slot);
    liveSessions.add(session);
    try {
      await logIn(session, token, this.pin);
      if (this.isClosed) throw closed();
      if (!liveSessions.has(session)) throw new SessionDriverError('login', 'session lost');
      return session;
    } catch (error) {
      closeQuietly(session);
      throw error;
    }
  }

  /** Closes a lost session. If the loss concerns the whole token, the other drivers' sessions with it end too. */
  private handleLoss(session: TokenSession, error: CryptokiError): void {
    if (error.endsAllSessions) liveSessions.end(this.cryptoki.library, session.slot);
    this.abandon(session);
  }

  private abandon(session: TokenSession): void {
    if (this.session === session) this.session = undefined;
    closeQuietly(session);
  }
}

const closed = () => new SessionDriverError('close', 'closed');
const isLost = (error: unknown): error is CryptokiError => error instanceof CryptokiError && error.isLost;

function closeQuietly(session: TokenSession): void {
  if (!liveSessions.delete(session)) return; // the handle may belong to another driver's new session by now
  try {
    session.close();
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error; // the session was already gone
  }
}

/** Returns the error that leaves the driver. Driver and range errors stay as they are. Errors about options become driver
 *  errors: while the application runs, they mean that the token is away or not the same. The message shows a code only. */
function driverError(operation: string, error: unknown): unknown {
  if (error instanceof SessionDriverError || error instanceof RangeError) return error;
  if (error instanceof ParamFault) return new SessionDriverError(operation, error.reason);
  if (error instanceof CryptokiError || error instanceof SessionCryptoError)
    return new SessionDriverError(operation, codeOf(error));
  return error;
}

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

/** Milliseconds between two attempts to reach a token that is away: each may block until the library gives up. */
const PAUSE_MS = 1000;

interface Failure {
  readonly error: unknown;
  /** Milliseconds of the clock before which nobody asks again. */
  readonly until: number;
}

/** Keeps one session with one token, and opens another when it is lost. */
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

  /** The session of the moment, if it is not known to be lost. */
  get current(): TokenSession | undefined {
    return this.session && liveSessions.has(this.session) ? this.session : undefined;
  }

  /** Opens the first session. Rejects with a ParamFault, a CryptokiError, or what the PIN's source rejects with. */
  start(): Promise<TokenSession> {
    return this.reopen();
  }

  /** What `act` gives, on the same tick while the session lives; when it is lost, `act` runs once more in a new one.
   *  Throws or rejects with a SessionDriverError. */
  run<T>(operation: string, act: (session: TokenSession) => T): Awaitable<T> {
    const session = this.current;
    if (!session) return this.runAnew(operation, act);
    try {
      return act(session);
    } catch (error) {
      if (!isLost(error)) throw driverError(operation, error);
      this.lose(session, error);
      return this.runAnew(operation, act);
    }
  }

  /** Gives the session back; whoever asks afterwards is refused. */
  close(): void {
    this.isClosed = true;
    if (this.session) this.abandon(this.session);
  }

  private async runAnew<T>(operation: string, act: (session: TokenSession) => T): Promise<T> {
    try {
      return act(await this.reopen());
    } catch (error) {
      if (isLost(error) && this.session) this.lose(this.session, error);
      throw driverError(operation, error);
    }
  }

  private reopen(): Promise<TokenSession> {
    return (this.opening ??= this.tryOpen().finally(() => (this.opening = undefined)));
  }

  private async tryOpen(): Promise<TokenSession> {
    if (this.isClosed) throw closed();
    if (this.current) return this.current;
    if (this.failure && this.now() < this.failure.until) throw this.failure.error;
    try {
      const session = await this.openSession();
      this.failure = undefined;
      return (this.session = session);
    } catch (error) {
      const isFinal = error instanceof ParamFault && error.isFinal;
      this.failure = { error, until: isFinal ? Infinity : this.now() + PAUSE_MS };
      throw error;
    }
  }

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

  private lose(session: TokenSession, error: CryptokiError): void {
    if (error.isEveryones) liveSessions.end(this.cryptoki.library, session.slot);
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
  if (!liveSessions.delete(session)) return; // its handle may be somebody else's
  try {
    session.close();
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error; // it was gone already
  }
}

/** Errors of ours pass through, but for those of options: at run time they are the token's absence. */
function driverError(operation: string, error: unknown): unknown {
  if (error instanceof SessionDriverError || error instanceof RangeError) return error;
  if (error instanceof ParamFault) return new SessionDriverError(operation, error.reason);
  if (error instanceof CryptokiError || error instanceof SessionCryptoError)
    return new SessionDriverError(operation, codeOf(error));
  return error;
}

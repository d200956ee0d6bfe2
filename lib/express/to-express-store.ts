import { EventEmitter } from 'node:events';
import { createHash, randomBytes } from 'node:crypto';
import { checkNames, type OptionNames } from '../errors/check-names.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { EnvelopeError } from '../errors/envelope.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { CryptoOptions } from '../options/crypto-options.interface.js';
import { isServerStore } from '../options/store-kind.js';
import { storeMistake } from '../options/store-mistake.js';
import { isMark } from '../persistence/marks/mark-rows.js';
import { createSealer, type Sealer } from '../standalone/create-sealer.js';
import { allRows, hasRows } from '../stores/all-rows.js';
import type { FoundRow, LoadedRow, SessionRow, SessionStore } from '../stores/session-store.interface.js';
import type { Foreign, ConnectCallback, ConnectSession } from './connect-store.js';
import { makeSession, type SessionMaker } from './make-session.js';

export interface ToExpressStoreOptions {
  /** The keys that seal the sessions, as in `forRoot({ crypto })`. Only `memoryStore()` needs none. */
  readonly crypto?: CryptoOptions;
  /** Seconds that a session lives whose cookie has no end. @default 86400 */
  readonly ttl?: number;
}

const NAMES: OptionNames<ToExpressStoreOptions> = { crypto: true, ttl: true };

/** Seconds that a row outlives its session, so that a request that still runs can store it with a new end. */
const SLACK = 3600;
/** Saves of one session that compete, at most. */
const MAX_ATTEMPTS = 10;

/** A store for express-session and @fastify/session over one of ours: the sessions are sealed, their ids are hashed, and a
 *  session that was destroyed does not come back. Each method takes a callback or returns a promise. */
export class ExpressStore extends EventEmitter {
  /** express-session replaces it. It makes the session of a request that has none. */
  declare generate: SessionMaker['generate'];
  private readonly ready: Promise<Sealer>;

  /** @internal */
  constructor(
    private readonly store: SessionStore,
    crypto: CryptoOptions,
    private readonly ttl: number,
  ) {
    super();
    this.ready = this.open(crypto);
    this.ready.catch(() => undefined); // each method rejects with it
  }

  get(id: string, callback?: ConnectCallback): Promise<ConnectSession | null> {
    return answer(this.read(id), callback);
  }

  set(id: string, session: Foreign, callback?: ConnectCallback): Promise<void> {
    return answer(this.write(id, session), callback);
  }

  /** Moves the end of a session to that of the cookie, and keeps what is stored of it. */
  touch(id: string, session: Foreign, callback?: ConnectCallback): Promise<void> {
    return answer(this.move(id, session), callback);
  }

  destroy(id: string, callback?: ConnectCallback): Promise<void> {
    return answer(this.end(id), callback);
  }

  all(callback?: ConnectCallback): Promise<ConnectSession[]> {
    return answer(this.readAll(), callback);
  }

  /** The number of sessions that have not ended. */
  length(callback?: ConnectCallback): Promise<number> {
    return answer(this.counted(), callback);
  }

  clear(callback?: ConnectCallback): Promise<void> {
    return answer(this.endAll(), callback);
  }

  /** Ends a request's session and makes a new one. express-session calls it. */
  regenerate(request: { sessionID: string }, callback: ConnectCallback): void {
    void this.destroy(request.sessionID, (error) => {
      this.generate(request);
      callback(error);
    });
  }

  /** Gives a request the session object of express-session for what was stored. express-session calls it. */
  createSession(request: object, stored: Foreign): Foreign {
    return makeSession(this, request, stored);
  }

  /** Reads a session as an object of express-session, for code without a request. */
  load(id: string, callback: ConnectCallback): void {
    void this.get(id, (error, stored) => {
      if (error || !stored) return callback(error);
      callback(undefined, this.createSession({ sessionID: id, sessionStore: this, headers: {} }, stored));
    });
  }

  /** Closes the store and the driver. */
  async close(): Promise<void> {
    const sealer = await this.ready;
    await sealer.close();
    await this.store.close?.();
  }

  private async open(crypto: CryptoOptions): Promise<Sealer> {
    const sealer = await createSealer({ ...crypto, purpose: 'express-session' });
    await this.store.open?.(() => {
      throw new SessionConfigError([{ path: 'toExpressStore() store', message: NO_CONTAINER }]);
    });
    return sealer;
  }

  private async read(id: string): Promise<ConnectSession | null> {
    await this.ready;
    const row = await this.store.load(keyOf(id));
    return (row && (await this.opened(row)))?.session ?? null;
  }

  private async write(id: string, session: ConnectSession): Promise<void> {
    const text = JSON.stringify(session);
    const row = await this.sealed(keyOf(id), text, endOf(session));
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const found = await this.store.load(row.key);
      if (!found && (await this.created(row))) return;
      if (!found) continue; // another request was faster
      if (found.state !== 'live') return; // it was destroyed, and a late request does not bring it back
      if ((await this.store.replace(row, found.version)) === 'saved') return;
    }
    throw new SessionStoreError('save', 'conflict');
  }

  private created(row: SessionRow): Promise<boolean> {
    return this.store.create(row).then(
      () => true,
      (error: unknown) => {
        if (error instanceof SessionStoreError && error.reason === 'duplicate') return false;
        throw error;
      },
    );
  }

  private async move(id: string, { cookie }: ConnectSession): Promise<void> {
    await this.ready;
    const found = await this.store.load(keyOf(id));
    const stored = found && (await this.opened(found));
    if (!stored) return;
    const text = JSON.stringify({ ...stored.session, cookie });
    const row = await this.sealed(found.key, text, endOf({ cookie }));
    if (this.store.touch) await this.store.touch(row, found.version);
    else await this.store.replace(row, found.version);
  }

  private async end(id: string): Promise<void> {
    await this.ready;
    await this.store.destroy(keyOf(id), new Date(this.now() + SLACK * 1000));
  }

  private async readAll(): Promise<ConnectSession[]> {
    const sessions: ConnectSession[] = [];
    for await (const row of this.rows()) {
      const opened = await this.opened(row);
      if (opened) sessions.push(opened.session);
    }
    return sessions;
  }

  /** `lastSeenAt` of a row holds the end of its session, see {@link sealed}. */
  private async counted(): Promise<number> {
    await this.ready;
    if (this.store.count) return this.store.count(new Date(this.now()));
    return (await this.readAll()).length;
  }

  private async endAll(): Promise<void> {
    const until = new Date(this.now() + SLACK * 1000);
    for await (const row of this.rows()) if (!isMark(row)) await this.store.destroy(row.key, until);
  }

  private async *rows(): AsyncGenerator<FoundRow> {
    await this.ready;
    if (!hasRows(this.store)) throw new SessionStoreError('scan', 'unsupported');
    yield* allRows(this.store);
  }

  /** Returns what a row holds; `undefined` for a row that has ended or does not open. */
  private async opened({ key, sealed, state }: LoadedRow): Promise<Sealed | undefined> {
    if (state !== 'live') return undefined;
    const sealer = await this.ready;
    try {
      const plaintext = await sealer.open(sealed.toString('base64url'), this.contextOf(key));
      const stored = JSON.parse(plaintext.toString()) as Sealed;
      return stored.end > this.now() ? stored : undefined;
    } catch (error) {
      if (error instanceof EnvelopeError) return undefined;
      throw error;
    }
  }

  /** Returns the row of a session. Its end is sealed, and stands in `lastSeenAt` in addition, so that a store can count the
   *  sessions that have not ended. */
  private async sealed(key: Buffer, session: string, end: number | undefined): Promise<SessionRow> {
    const sealer = await this.ready;
    const now = this.now();
    const until = end ?? now + this.ttl * 1000;
    const text = await sealer.seal(`{"end":${until},"session":${session}}`, this.contextOf(key));
    return {
      key,
      sealed: Buffer.from(text, 'base64url'),
      subject: undefined,
      createdAt: new Date(now),
      lastSeenAt: new Date(until),
      deadline: new Date(Math.max(until, now) + SLACK * 1000),
    };
  }

  /** Binds a sealed session to its row. */
  private contextOf(key: Buffer): string {
    return `${this.store.kind}/${this.store.name}/${key.toString('hex')}`;
  }

  private now(): number {
    return (this.store.now?.() ?? new Date()).getTime();
  }
}

interface Sealed {
  /** Milliseconds since 1970. */
  readonly end: number;
  readonly session: ConnectSession;
}

const NO_CONTAINER =
  'has to be made with its connection here, as in typeOrmStore({ dataSource }): there is no Nest module that could find one';

/** Whoever reads the store gets no id that logs in. */
const keyOf = (id: string): Buffer => createHash('sha256').update(id).digest();

/** Milliseconds since 1970 at which the cookie ends; `undefined` for never, and for a date that is none. */
function endOf({ cookie }: Pick<ConnectSession, 'cookie'>): number | undefined {
  const { expires } = Object(cookie) as ConnectSession['cookie'];
  const end = expires ? new Date(expires).getTime() : Number.NaN;
  return Number.isNaN(end) ? undefined : end;
}

/** Calls back outside of the promise, and leaves no rejection without a listener. */
function answer<R>(result: Promise<R>, callback: ConnectCallback | undefined): Promise<R> {
  result.then(
    (value) => callback && process.nextTick(callback, null, value),
    (error: unknown) => callback && process.nextTick(callback, error),
  );
  return result;
}

/** Returns a store for express-session or @fastify/session that keeps sealed sessions in a store of this package:
 *
 *      session({ store: toExpressStore(typeOrmStore({ dataSource }), { crypto: { secrets } }), … })
 *
 *  Throws a SessionConfigError if it is no such store, or if a secret is missing. */
export function toExpressStore(store: SessionStore, options: ToExpressStoreOptions = {}): ExpressStore {
  checkNames('toExpressStore()', options, NAMES);
  const { crypto, ttl = 86_400 } = options;
  const faults = [];
  if (!isServerStore(Object(store) as object))
    faults.push({ path: 'toExpressStore() store', message: storeMistake(store) });
  if (!(ttl > 0))
    faults.push({ path: 'toExpressStore() ttl', message: 'must be a number of seconds above 0' });
  const given = crypto?.secrets?.length ? crypto : undefined;
  if (crypto ? !given : store?.kind !== 'memory') faults.push({ path: SECRETS, message: NO_SECRET });
  if (faults.length) throw new SessionConfigError(faults);
  return new ExpressStore(store, given ?? { secrets: [`hex:${randomBytes(32).toString('hex')}`] }, ttl);
}

const SECRETS = 'toExpressStore() crypto.secrets[0]';
const NO_SECRET =
  'is missing; write toExpressStore(store, { crypto: { secrets: [process.env.SESSION_SECRET] } })';

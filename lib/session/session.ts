import { inspect } from 'node:util';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { SESSION_ID_LENGTH } from '../envelope/frame.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { checkKey, deepFreeze, toJsonValue } from '../record/json-value.js';
import type { SessionData, SessionKey, SessionValueOf } from '../record/session-data.interface.js';
import { publicId } from '../persistence/session-committer.js';
import { endOf, toDate } from '../record/session-lifetime.js';
import { type RecordDraft } from '../record/session-record.js';
import type { SessionState } from './session-state.js';

/** A visitor's session, loaded. What is changed is stored before the head of the response leaves.
 *
 *  Values are what JSON carries unchanged; what is read is frozen, so change it by {@link set} or {@link update}. */
export class Session<T = SessionData> {
  readonly #state: SessionState;

  /** @internal */
  constructor(state: SessionState) {
    this.#state = state;
  }

  /** Public name of the session, no credential: base64url of the row's key, or of the id inside the cookie. */
  get id(): string {
    return publicId(this.#state.identity);
  }

  /** Whether nothing of this session is stored yet. */
  get isNew(): boolean {
    return !this.#state.loaded;
  }

  /** Who is logged in. */
  get subject(): string | undefined {
    return this.#state.current.subject;
  }

  get createdAt(): Date {
    return toDate(this.#state.current.createdAt);
  }

  /** When the idle clock was last set, which is not at every request: see `session.touchInterval`. */
  get lastSeenAt(): Date {
    return toDate(this.#state.current.lastSeenAt);
  }

  /** When the session ends unless it is used. */
  get expiresAt(): Date {
    return toDate(endOf(this.#state.current, this.#state.timeouts));
  }

  /** When somebody last proved who they are; `undefined` for never. */
  get authenticatedAt(): Date | undefined {
    const { authenticatedAt } = this.#state.current;
    return authenticatedAt ? toDate(authenticatedAt) : undefined;
  }

  /** Whether the clocks have ended the session since it was loaded: for sockets, which outlive their session. */
  get isOver(): boolean {
    return endOf(this.#state.current, this.#state.timeouts) <= this.#state.now();
  }

  /** Seconds since then, by the store's clock. */
  get authenticatedFor(): number | undefined {
    const { authenticatedAt } = this.#state.current;
    return authenticatedAt ? this.#state.now() - authenticatedAt : undefined;
  }

  /** The frozen value of a key, or `undefined`. */
  get<K extends SessionKey<T>>(key: K): SessionValueOf<T, K> | undefined {
    const { data } = this.#state.current;
    return (Object.hasOwn(data, key) ? deepFreeze(data[key]) : undefined) as SessionValueOf<T, K> | undefined;
  }

  has(key: SessionKey<T>): boolean {
    return Object.hasOwn(this.#state.current.data, key);
  }

  /** All data, frozen. */
  all(): Readonly<Partial<T>> {
    return deepFreeze({ ...this.#state.current.data }) as Readonly<Partial<T>>;
  }

  /** Overwrites a key. Throws a SessionStateError that names the path of a value that JSON would change. Nothing is
   *  stored when the value is the same. */
  set<K extends SessionKey<T>>(key: K, value: SessionValueOf<T, K>): void {
    checkKey(key);
    const copy = toJsonValue(value, key);
    if (this.has(key) && JSON.stringify(this.#state.current.data[key]) === JSON.stringify(copy)) return;
    this.#state.change({ overwrites: key, apply: ({ data }) => void (data[key] = copy) });
  }

  delete(key: SessionKey<T>): void {
    if (this.has(key)) this.#state.change({ overwrites: key, apply: ({ data }) => void delete data[key] });
  }

  /** Puts in what `change` makes of the present value; `undefined` removes the key. `change` is called again when
   *  another request has changed the value meanwhile, so it must do nothing else. */
  update<K extends SessionKey<T>>(
    key: K,
    change: (value: SessionValueOf<T, K> | undefined) => SessionValueOf<T, K> | undefined,
  ): void {
    checkKey(key);
    this.#state.change({
      apply({ data }) {
        const present = Object.hasOwn(data, key) ? deepFreeze(data[key]) : undefined;
        const value = change(present as SessionValueOf<T, K> | undefined);
        if (value === undefined) delete data[key];
        else data[key] = toJsonValue(value, key);
      },
    });
  }

  /** Adds to a number, 0 where there is none; gives what this request sees. With `commit: true` it stores at once and
   *  gives the committed value, in which the additions of all requests are counted. */
  increment(key: SessionKey<T>, by?: number): number;
  increment(key: SessionKey<T>, by: number, options: { commit: true }): Promise<number>;
  increment(key: SessionKey<T>, by = 1, options?: { commit: true }): number | Promise<number> {
    checkKey(key);
    toJsonValue(by, 'by');
    this.#state.change({ apply: ({ data }) => void (data[key] = add(key, own(data, key), by)) });
    const seen = () => this.#state.current.data[key] as number;
    return options?.commit ? this.#state.save().then(seen) : seen();
  }

  /** The value of a key, which is then gone. */
  pull<K extends SessionKey<T>>(key: K): SessionValueOf<T, K> | undefined {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  /** With a value: keeps it until it is read once. Without: reads it, and it is gone. */
  flash(key: string, value: unknown): void;
  flash(key: string): unknown;
  flash(key: string, ...value: [unknown?]): unknown {
    checkKey(key);
    if (value.length) {
      const copy = toJsonValue(value[0], key);
      return this.#state.change({ apply: ({ flash }) => void (flash[key] = copy) });
    }
    const { flash } = this.#state.current;
    if (!Object.hasOwn(flash, key)) return undefined;
    const kept = deepFreeze(flash[key]);
    this.#state.change({ apply: (draft) => void delete draft.flash[key] });
    return kept;
  }

  /** Removes all data; the session and its subject stay. */
  clear(): void {
    this.#state.change({
      overwrites: '*',
      apply(draft) {
        draft.data = {};
        draft.flash = {};
      },
    });
  }

  /** Logs a subject in: the id changes, the absolute deadline starts anew, and the data stays unless it was another
   *  subject's. Stored with the response; the old id ends there and then. `remembered`: a cookie says who it is and
   *  nobody has proved it just now, so {@link authenticatedAt} stays empty. */
  async login(subject: string, { remembered = false }: { remembered?: boolean } = {}): Promise<void> {
    if (typeof subject !== 'string' || !subject)
      throw new SessionStateError('ERR_SESSION_VALUE', 'The subject must be a text that is not empty');
    const now = this.#state.now();
    const seed = this.#freshId().toString('base64url');
    const id = this.#freshId();
    const { absoluteTimeout } = this.#state.timeouts;
    const apply = (draft: RecordDraft) => {
      if (draft.subject !== undefined && draft.subject !== subject) forget(draft);
      draft.subject = subject;
      draft.idIssuedAt = draft.createdAt = draft.lastSeenAt = now;
      draft.authenticatedAt = remembered ? 0 : now;
      draft.deadline = absoluteTimeout ? now + absoluteTimeout : 0;
      draft.csrfSeed = seed;
      renew(draft, id);
    };
    this.#state.moveOn({ apply }, true);
  }

  /** Ends the session, here and for every request that still runs. What is set afterwards begins a new one. */
  async logout(): Promise<void> {
    this.#state.endStored(false);
    if (this.#state.headSent) await this.#state.save();
  }

  /** Ends the session; this request can't begin another. */
  async destroy(): Promise<void> {
    this.#state.endStored(true);
    if (this.#state.headSent) await this.#state.save();
  }

  /** Changes the id; the old one ends there and then. `keep` names the data that stays, all of it without. */
  async regenerate({ keep }: { keep?: readonly SessionKey<T>[] } = {}): Promise<void> {
    const now = this.#state.now();
    const id = this.#freshId();
    this.#state.moveOn(
      {
        apply(draft) {
          if (keep)
            draft.data = Object.fromEntries(
              Object.entries(draft.data).filter(([key]) => keep.includes(key as SessionKey<T>)),
            );
          draft.idIssuedAt = draft.lastSeenAt = Math.max(now, draft.idIssuedAt);
          renew(draft, id);
        },
      },
      false,
    );
  }

  /** Moves the idle clock with this response, whether it is due or not. */
  async touch(): Promise<void> {
    this.#state.renew = 'force';
    if (this.#state.headSent) await this.#state.save();
  }

  /** Stores now what was changed. Rejects with a SessionStateError when the session ended meanwhile (409) or is too
   *  large, with a SessionStoreError when the store does not answer (503). */
  async save(): Promise<void> {
    await this.#state.save();
  }

  /** Whether a visitor may be recognised here. Not where the cookie led to a session that has ended: another request of
   *  the same browser has logged in or out meanwhile, and must not be overtaken.
   *  @internal */
  get isOpenToLogin(): boolean {
    const { takesChanges, readonlyReason, gone, headSent, cookieForbidden } = this.#state;
    return (takesChanges || readonlyReason === 'route') && !gone && !headSent && !cookieForbidden;
  }

  /** Runs `act` as if the route did not only read: who the visitor is, no route decides. Holds until the first await.
   *  @internal */
  onAnyRoute<R>(act: () => R): R {
    const { readonlyReason } = this.#state;
    if (readonlyReason === 'route') this.#state.readonlyReason = undefined;
    try {
      return act();
    } finally {
      this.#state.readonlyReason = readonlyReason;
    }
  }

  #freshId(): Buffer {
    return randomPoolBytes(SESSION_ID_LENGTH);
  }

  /** Shows neither id nor data: a session may end up in a log. */
  toJSON(): object {
    return { isNew: this.isNew };
  }

  [inspect.custom](): string {
    return `Session { isNew: ${this.isNew} }`;
  }
}

const own = (data: object, key: string): unknown =>
  Object.hasOwn(data, key) ? (data as Record<string, unknown>)[key] : undefined;

function add(key: string, present: unknown, by: number): number {
  if (present !== undefined && typeof present !== 'number')
    throw new SessionStateError('ERR_SESSION_VALUE', `${key} is not a number, so it cannot be incremented`);
  return toJsonValue((present ?? 0) + by, key) as number;
}

function forget(draft: RecordDraft): void {
  draft.data = {};
  draft.flash = {};
}

function renew(draft: RecordDraft, id: Buffer): void {
  draft.id = id;
  draft.generation++;
}

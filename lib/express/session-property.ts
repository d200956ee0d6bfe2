import { inspect, isDeepStrictEqual } from 'node:util';
import type { Awaitable } from '../crypto/awaitable.js';
import { kindOf } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { checkKey, toJsonValue } from '../record/json-value.js';
import type { JsonObject } from '../record/session-data.interface.js';
import type { RequestHooks } from '../request/request-hooks.js';
import type { OwnCookie, SessionFeature } from '../request/session-feature.interface.js';
import type { Session } from '../session/session.js';
import { changedKeys, COOKIE, valueKeys } from './data-changes.js';
import type { ExpressSessionData, ExpressSessionOptions } from './express-session.interface.js';
import type { ExpressSession, SessionOwner } from './express-session.object.js';
import { livedOn, readStoredCookie, SessionCookie, type StoredCookie } from './session-cookie.js';
import { subjectText } from '../record/subject-text.js';

const NOTHING: JsonObject = Object.freeze({});

/** `unset`: the application has removed `req.session`. `destroyed`: it has ended the session, or this class has. */
type Presence = 'present' | 'unset' | 'destroyed';
type Loose = Session<Record<string, unknown>>;

/** What stands behind `req.session` of one request. Nothing is made before somebody reads the property. Before each commit,
 *  the changed values go into the session. */
export class SessionProperty implements SessionOwner, SessionFeature {
  private session: Loose | undefined;
  private view: ExpressSession | undefined;
  /** The values that the view had when it was made or last stored. */
  private stored = NOTHING;
  /** Logouts of the request when the view was made: a later one has ended the session that the view shows. */
  private endCount = 0;
  /** The user whom the view belongs to. His values are not for another one. */
  private subject: string | undefined;
  /** What the session said of its cookie when the view was made or last stored. */
  private keptCookie: StoredCookie | undefined;
  /** True if this request has changed that. */
  private cookieChanged = false;
  /** The idle clock of the session as the request found it. */
  private foundSeenAt: number | undefined;
  private presence: Presence = 'present';

  /** @param View is the class of the object that handlers see.
   *  @param carrier is a request whose property `session` may be deleted. */
  constructor(
    private readonly hooks: RequestHooks,
    private readonly View: new (
      owner: SessionOwner,
      data: JsonObject,
      cookie: SessionCookie,
    ) => ExpressSession,
    readonly options: ExpressSessionOptions,
    private readonly carrier?: object,
  ) {}

  /** The value of `req.session`; `undefined` where there is none. */
  get value(): ExpressSession | undefined {
    if (this.presence !== 'present') return undefined;
    if (this.view && !this.hasEnded) return this.view;
    return this.begin() ? this.renew() : undefined;
  }

  /** Takes `req.session = value`. */
  assign(value: unknown): void {
    if (value === this.view && value) return;
    if (value)
      throw new SessionStateError(
        'ERR_SESSION_USAGE',
        `req.session cannot be ${kindOf(value)}: set its properties, as in req.session.cart = […], or remove it by req.session = null`,
      );
    if (this.begin() && this.presence === 'present') this.presence = 'unset';
  }

  get id(): string {
    return this.session!.id;
  }

  /** True if `delete request.session` ends a session that nobody has read. */
  get isCommitDue(): boolean {
    return this.options.unset === 'destroy' && this.isDeleted;
  }

  /** Ends a session whose cookie has a lifetime of its own that is over, as a copy of the cookie can show. */
  endIfOver(): Promise<void> | undefined {
    this.foundSeenAt = this.hooks.lastSeenAt;
    const { expires } = this.storedCookie ?? {};
    return typeof expires === 'number' && expires <= Date.now() ? this.begin()?.logout() : undefined;
  }

  /** What the session says of its cookie. It is sent again where it has changed, and where its lifetime has begun anew. */
  get ownCookie(): OwnCookie | undefined {
    const own = this.storedCookie;
    if (!own) return undefined;
    const { originalMaxAge, expires, ...attributes } = own;
    const isProlonged = Boolean(originalMaxAge && expires) && this.hasMovedClock;
    const end = isProlonged ? Date.now() + originalMaxAge! : expires;
    return {
      attributes: Object.keys(attributes).length ? attributes : undefined,
      lifetime: end === undefined ? undefined : { seconds: end === null ? undefined : secondsUntil(end) },
      resend: this.cookieChanged || isProlonged,
    };
  }

  async save(view: ExpressSession): Promise<void> {
    this.checkCurrent(view);
    await this.collect();
    await this.session!.save();
  }

  async reload(view: ExpressSession): Promise<void> {
    this.checkCurrent(view);
    await this.session!.reload();
    if (this.session!.isNew)
      throw new SessionStateError('ERR_SESSION_GONE', 'The session cannot be loaded again: it has ended');
    this.renew();
  }

  async regenerate(view: ExpressSession, keys: readonly string[] = []): Promise<void> {
    this.checkCurrent(view);
    const kept = Object.entries(view).filter(([key]) => keys.includes(key));
    for (const [key, value] of kept) checkValue(key, value);
    const ended = this.session!.logout();
    if (this.hasEnded) Object.assign(this.renew(), Object.fromEntries(kept)); // now, so that nothing is set in between
    await ended;
  }

  async destroy(view: ExpressSession): Promise<void> {
    this.checkCurrent(view);
    this.presence = 'destroyed';
    await this.session!.destroy();
    await this.session!.save();
  }

  touch(): void {
    this.session!.touch().catch(() => undefined); // after the head, who calls touch() cannot wait for it
  }

  /** Returns the session, as if a handler had asked for it; `undefined` where sessions are off. */
  private begin(): Loose | undefined {
    return (this.session ??= this.hooks.take() as unknown as Loose | undefined);
  }

  /** Makes the object that handlers see, from what the session holds now. */
  private renew(): ExpressSession {
    const data = this.hooks.data ?? NOTHING;
    this.keptCookie = this.storedCookie;
    const cookie = new SessionCookie(this.hooks.cookie, this.keptCookie);
    this.follow();
    const view = new this.View(this, data, cookie);
    this.view = view;
    const keys = valueKeys(view);
    const hasAll = keys.length === Object.keys(data).length;
    this.stored = hasAll ? data : Object.fromEntries(keys.map((key) => [key, data[key]!]));
    return view;
  }

  /** Puts into the session what the request has done to `req.session`. */
  beforeCommit(): Awaitable<void> {
    if (this.presence === 'present' && this.isDeleted) this.presence = 'unset';
    this.touchInTime();
    if (this.presence === 'present') return this.view && this.collect();
    if (this.presence !== 'unset' || this.options.unset !== 'destroy') return undefined;
    this.presence = 'destroyed';
    return this.begin()?.destroy();
  }

  /** Puts the changed values into the session. Throws or rejects for a value that JSON would change, and where the session
   *  takes no change. */
  private collect(): Awaitable<void> {
    if (this.hasEnded) return undefined;
    const view = this.view!;
    const changed = changedKeys(this.stored, view);
    if (!changed.length) return this.keepCookie(false);
    for (const key of changed) checkValue(key, (view as unknown as ExpressSessionData)[key]);
    const { before, after } = this.subjects(view);
    if (before === after || after === this.session!.subject) return this.store(view, changed);
    const isLogin = after !== undefined;
    const done = isLogin ? this.session!.login(after) : this.session!.logout();
    this.follow();
    return done.then(() => this.store(view, isLogin ? changed : valueKeys(view)));
  }

  /** The users whom the values named before and name now. */
  private subjects(view: ExpressSession): { before?: string; after?: string } {
    const { subjectFrom } = this.options;
    if (!subjectFrom) return {};
    const before = subjectText(subjectFrom(this.stored as ExpressSessionData));
    return { before, after: subjectText(subjectFrom(view as unknown as ExpressSessionData)) };
  }

  /** What was set before a logout does not come back after it. */
  private store(view: ExpressSession, keys: readonly string[]): void {
    if (this.hasEnded) return;
    const session = this.session!;
    const stored: Record<string, JsonObject[string]> = { ...this.stored };
    this.stored = stored;
    for (const key of keys) {
      const value = (view as unknown as ExpressSessionData)[key];
      if (value === undefined) session.delete(key);
      else session.set(key, value);
      if (value === undefined) delete stored[key];
      else stored[key] = this.hooks.data![key]!;
    }
    this.keepCookie(true);
  }

  /** Stores what the session says of its cookie, and sends the cookie if that has changed: with a lifetime of its own, each change
   *  of the session begins it anew. */
  private keepCookie(isSaved: boolean): void {
    const { cookie } = this.view as { cookie?: unknown };
    if (cookie === undefined) return; // the application has removed it
    if (!(cookie instanceof SessionCookie))
      throw new SessionStateError(
        'ERR_SESSION_USAGE',
        `req.session.cookie cannot be ${kindOf(cookie)}: set its properties, as in req.session.cookie.maxAge = 60_000`,
      );
    if (isSaved) cookie.resetMaxAge();
    const { own } = cookie;
    if (!own || !(isSaved || this.isKept)) return;
    if (isDeepStrictEqual(own, this.keptCookie)) return;
    this.session!.update(COOKIE, () => ({ ...own }));
    this.keptCookie = own;
    this.cookieChanged = true;
  }

  /** True if the session is stored, or is to be stored because of its values. */
  private get isKept(): boolean {
    return !this.session!.isNew || Object.keys(this.hooks.data ?? NOTHING).length > 0;
  }

  /** What the session says of its cookie now; `undefined` where the options count. */
  private get storedCookie(): StoredCookie | undefined {
    const own = readStoredCookie(this.hooks.data?.[COOKIE]);
    return own && livedOn(own, this.hooks.idle ?? Infinity, Date.now());
  }

  /** Moves the idle clock, on which the lifetime of the cookie depends, before half of a short lifetime is over. */
  private touchInTime(): void {
    const { originalMaxAge } = this.storedCookie ?? {};
    if (originalMaxAge && originalMaxAge > 0) this.hooks.touchAfter(originalMaxAge / 2000);
  }

  /** True if this request has moved the idle clock of the session that it found. */
  private get hasMovedClock(): boolean {
    return this.foundSeenAt !== undefined && this.foundSeenAt !== this.hooks.lastSeenAt;
  }

  /** The view belongs to the session as it is now. */
  private follow(): void {
    this.endCount = this.hooks.endCount;
    this.subject = this.session!.subject;
  }

  /** True if the session that the view shows was logged out in the meantime, or has become another user's. */
  private get hasEnded(): boolean {
    if (this.endCount !== this.hooks.endCount) return true;
    return this.subject !== undefined && this.subject !== this.session!.subject;
  }

  /** True once the application has deleted the property of the request. */
  private get isDeleted(): boolean {
    return this.carrier !== undefined && !Object.hasOwn(this.carrier, 'session');
  }

  /** Shows nothing, since a request may be written to a log. */
  [inspect.custom](): string {
    return 'SessionProperty {}';
  }

  private checkCurrent(view: ExpressSession): void {
    if (view === this.view && !this.hasEnded && this.presence === 'present') return;
    throw new SessionStateError(
      'ERR_SESSION_USAGE',
      'This is the session before regenerate(), reload(), destroy() or a logout; use req.session',
    );
  }
}

const secondsUntil = (time: number): number => Math.max(0, Math.ceil((time - Date.now()) / 1000));

/** Throws a SessionStateError for a value that no session takes. All are checked before anything changes, so that a handler
 *  that catches the error and removes the values has changed nothing. */
function checkValue(key: string, value: unknown): void {
  if (value === undefined || key === COOKIE) return;
  checkKey(key);
  toJsonValue(value, key);
}

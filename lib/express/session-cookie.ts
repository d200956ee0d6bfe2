import type { CookieAttributes, CookieFacts, OwnAttributes } from '../http/cookie.js';
import { SessionStateError } from '../errors/session-state.error.js';
import type { JsonValue } from '../record/session-data.interface.js';

/** How long the cookie of a session lives: milliseconds, and the moment at which it ends. Both are `null` for a cookie that
 *  lives until the browser closes. */
export interface OwnLifetime {
  readonly originalMaxAge: number | null;
  readonly expires: number | null;
}

/** What a session keeps of its cookie, in place of the options. */
export type StoredCookie = OwnAttributes & Partial<OwnLifetime>;

const SAME_SITES: readonly unknown[] = ['strict', 'lax', 'none'];
const PRIORITIES: readonly unknown[] = ['low', 'medium', 'high'];

/** `req.session.cookie`: the cookie of a session as express-session shows it. The lifetime, `httpOnly`, `sameSite` and `priority`
 *  can be set for each session. The other attributes decide which cookie it is, so only `forRoot({ cookie })` sets them. */
export class SessionCookie {
  /** Milliseconds that the cookie lives after it is sent; `null`: until the browser closes. */
  originalMaxAge: number | null;
  private end: Date | null;
  private hasLifetime: boolean;
  private attributes: OwnAttributes;

  constructor(
    private readonly cookie: CookieFacts,
    /** What the session says itself; absent where the options count. */
    own: StoredCookie | undefined,
  ) {
    const { originalMaxAge, expires, ...attributes } = own ?? NOTHING;
    this.attributes = attributes;
    this.hasLifetime = originalMaxAge !== undefined;
    const configured = cookie.facts.lifetime ? cookie.facts.lifetime * 1000 : null;
    this.originalMaxAge = originalMaxAge === undefined ? configured : originalMaxAge;
    this.end = endOf(expires === undefined ? configured && Date.now() + configured : expires);
  }

  /** The moment at which the browser drops the cookie; `null`: when it closes. */
  get expires(): Date | null {
    return this.end;
  }

  /** Throws a TypeError for a Date that is none. */
  set expires(moment: Date | string | boolean | null | undefined) {
    const end = moment ? new Date(moment as Date) : null;
    if (end && Number.isNaN(end.getTime()))
      throw new TypeError('req.session.cookie.expires is no valid Date');
    this.end = end;
    this.originalMaxAge = this.maxAge;
    this.hasLifetime = true;
  }

  /** Milliseconds until {@link expires}; `null`: until the browser closes. */
  get maxAge(): number | null {
    return this.end && this.end.getTime() - Date.now();
  }

  /** Throws a TypeError for a value that is no number, Date or `null`. */
  set maxAge(milliseconds: number | Date | null | undefined) {
    if (milliseconds && typeof milliseconds !== 'number' && !(milliseconds instanceof Date))
      throw new TypeError('maxAge must be a number of milliseconds or null');
    this.expires = typeof milliseconds === 'number' ? new Date(Date.now() + milliseconds) : milliseconds;
    if (typeof milliseconds === 'number') this.originalMaxAge = milliseconds;
  }

  get httpOnly(): boolean {
    return this.attributes.httpOnly ?? this.cookie.facts.httpOnly;
  }

  set httpOnly(httpOnly: boolean) {
    this.attributes = { ...this.attributes, httpOnly: Boolean(httpOnly) };
  }

  get sameSite(): CookieAttributes['sameSite'] {
    return this.attributes.sameSite ?? this.cookie.facts.sameSite;
  }

  /** Takes `true` for `strict`, as express-session does. On a plain connection `none` is sent as `lax`, since browsers refuse it
   *  there. Throws a TypeError for another value. */
  set sameSite(value: CookieAttributes['sameSite'] | true) {
    const sameSite = value === true ? 'strict' : value;
    mustBeOneOf('sameSite', sameSite, SAME_SITES);
    this.attributes = { ...this.attributes, sameSite };
  }

  get priority(): CookieAttributes['priority'] {
    return this.attributes.priority ?? this.cookie.facts.priority;
  }

  set priority(priority: 'low' | 'medium' | 'high') {
    mustBeOneOf('priority', priority, PRIORITIES);
    this.attributes = { ...this.attributes, priority };
  }

  get path(): string {
    return this.cookie.facts.path;
  }

  set path(path: string) {
    mustStay('path', this.path, path);
  }

  get domain(): string | undefined {
    return this.cookie.facts.domain;
  }

  set domain(domain: string | undefined) {
    mustStay('domain', this.domain, domain);
  }

  get secure(): boolean {
    return this.cookie.secure;
  }

  set secure(secure: boolean | 'auto') {
    if (secure !== 'auto') mustStay('secure', this.secure, secure);
  }

  get partitioned(): boolean {
    return this.cookie.facts.partitioned;
  }

  set partitioned(partitioned: boolean) {
    mustStay('partitioned', this.partitioned, partitioned);
  }

  /** What the session keeps; `undefined` where the options count.
   *  @internal */
  get own(): StoredCookie | undefined {
    const { originalMaxAge, expires, attributes } = this;
    if (this.hasLifetime) return { ...attributes, originalMaxAge, expires: expires && expires.getTime() };
    return Object.keys(attributes).length ? attributes : undefined;
  }

  /** Starts the lifetime anew. */
  resetMaxAge(): void {
    const { originalMaxAge } = this;
    this.end = endOf(originalMaxAge === null ? null : Date.now() + originalMaxAge);
  }

  get data(): object {
    const { originalMaxAge, partitioned, priority, expires, secure, httpOnly, domain, path, sameSite } = this;
    return { originalMaxAge, partitioned, priority, expires, secure, httpOnly, domain, path, sameSite };
  }

  toJSON(): object {
    return this.data;
  }
}

/** Throws a SessionStateError where a handler wants another cookie than the one that a logout will clear. */
function mustStay(name: string, is: unknown, wanted: unknown): void {
  if (wanted === is) return;
  throw new SessionStateError(
    'ERR_SESSION_USAGE',
    `req.session.cookie.${name} is ${JSON.stringify(is)} and cannot become ${JSON.stringify(wanted)}: it decides which cookie it is; set cookie.${name} of forRoot(), or contexts for some hosts and paths`,
  );
}

function mustBeOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value))
    throw new TypeError(`req.session.cookie.${name} must be one of ${allowed.join(', ')}`);
}

/** Returns what a stored value says of a cookie, or `undefined` if it says nothing. Code of the application can store anything
 *  under the same key. */
export function readStoredCookie(value: JsonValue | undefined): StoredCookie | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { originalMaxAge, expires, httpOnly, sameSite, priority } = value as Record<string, unknown>;
  const stored = {
    ...(isTime(originalMaxAge) && isTime(expires) && { originalMaxAge, expires }),
    ...(typeof httpOnly === 'boolean' && { httpOnly }),
    ...(SAME_SITES.includes(sameSite) && { sameSite }),
    ...(PRIORITIES.includes(priority) && { priority }),
  } as StoredCookie;
  return Object.keys(stored).length ? stored : undefined;
}

/** Returns what a stored session says of its cookie `idle` seconds after its idle clock was set: the lifetime begins anew then, as
 *  with `touch()` of express-session's stores. So a visitor who only reads stays logged in, and no value is written for it. The
 *  clock counts whole seconds, so up to one of them is missing. */
export function livedOn(stored: StoredCookie, idle: number, now: number): StoredCookie {
  const { originalMaxAge, expires } = stored;
  if (typeof originalMaxAge !== 'number' || typeof expires !== 'number') return stored;
  return { ...stored, expires: Math.max(expires, now - 1000 * (idle + 1) + originalMaxAge) };
}

const NOTHING: StoredCookie = Object.freeze({});
/** The last moment that a Date can hold. */
const MAX_TIME = 8.64e15;
const isTime = (value: unknown): value is number | null =>
  value === null || (typeof value === 'number' && Math.abs(value) <= MAX_TIME);

const endOf = (time: number | null): Date | null => (time === null ? null : new Date(time));

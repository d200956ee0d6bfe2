import type { CookieFacts } from '../http/cookie.js';
import type { JsonValue } from '../record/session-data.interface.js';

/** The lifetime of a cookie as a session keeps it: milliseconds, and the moment at which it ends. Both are `null` for a
 *  cookie that lives until the browser closes. */
export interface StoredLifetime {
  readonly originalMaxAge: number | null;
  readonly expires: number | null;
}

/** `req.session.cookie`: the cookie of a session as express-session shows it. The attributes are those of `forRoot({ cookie })`
 *  and can only be read. The lifetime can be set for each session. */
export class SessionCookie {
  /** Milliseconds that the cookie lives after it is sent; `null`: until the browser closes. */
  originalMaxAge: number | null;
  private end: Date | null;
  private own: boolean;

  constructor(
    private readonly cookie: CookieFacts,
    /** What the session says itself; absent where `cookie.lifetime` counts. */
    own: StoredLifetime | undefined,
  ) {
    this.own = own !== undefined;
    const { lifetime } = cookie.facts;
    const configured = lifetime ? lifetime * 1000 : null;
    this.originalMaxAge = own ? own.originalMaxAge : configured;
    this.end = endOf(own ? own.expires : configured && Date.now() + configured);
  }

  /** The moment at which the browser drops the cookie; `null`: when it closes. */
  get expires(): Date | null {
    return this.end;
  }

  set expires(moment: Date | string | boolean | null | undefined) {
    this.end = moment ? new Date(moment as Date) : null;
    this.originalMaxAge = this.maxAge;
    this.own = true;
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

  get path(): string {
    return this.cookie.facts.path;
  }

  get domain(): string | undefined {
    return this.cookie.facts.domain;
  }

  get httpOnly(): boolean {
    return this.cookie.facts.httpOnly;
  }

  get secure(): boolean {
    return this.cookie.secure;
  }

  get sameSite(): 'strict' | 'lax' | 'none' {
    return this.cookie.facts.sameSite;
  }

  /** The lifetime as the session keeps it; `undefined` where `cookie.lifetime` counts. */
  get lifetime(): StoredLifetime | undefined {
    return this.own
      ? { originalMaxAge: this.originalMaxAge, expires: this.end && this.end.getTime() }
      : undefined;
  }

  /** Starts the lifetime anew. */
  resetMaxAge(): void {
    const { originalMaxAge } = this;
    this.end = endOf(originalMaxAge === null ? null : Date.now() + originalMaxAge);
  }

  get data(): object {
    const { originalMaxAge, expires, secure, httpOnly, domain, path, sameSite } = this;
    return { originalMaxAge, expires, secure, httpOnly, domain, path, sameSite };
  }

  toJSON(): object {
    return this.data;
  }
}

/** Returns the lifetime that a stored value holds, or `undefined` if it holds none. */
export function readLifetime(value: JsonValue | undefined): StoredLifetime | undefined {
  const { originalMaxAge, expires } = Object(value) as Partial<StoredLifetime>;
  return isTime(originalMaxAge) && isTime(expires) ? { originalMaxAge, expires } : undefined;
}

/** The last moment that a Date can hold. */
const MAX_TIME = 8.64e15;
const isTime = (value: unknown): value is number | null =>
  value === null || (typeof value === 'number' && Math.abs(value) <= MAX_TIME);

const endOf = (time: number | null): Date | null => (time === null ? null : new Date(time));

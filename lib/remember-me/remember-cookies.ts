import type { PlatformRequest } from '../http/connection.js';
import type { Cookie } from '../http/cookie.js';
import { clearElsewhere } from '../http/cookie-places.js';
import type { ResolvedCookies } from '../options/resolve-cookie.js';
import type { RequestHooks, SealingHooks } from '../request/request-hooks.js';
import type { RememberRequest } from './auto-login.js';
import { RememberSeals } from './remember-seals.js';

/** Reads the remember-me cookies of requests. A request without one costs one search in its Cookie header. */
export class RememberCookies {
  /** The requests that carry a cookie, by the key of their hooks. */
  private readonly requests = new WeakMap<object, RememberRequest>();
  private readonly seals = new WeakMap<SealingHooks, RememberSeals>();
  private readonly names: readonly string[];

  constructor(
    private readonly cookies: ResolvedCookies,
    private readonly store: { readonly kind: string; readonly name: string },
  ) {
    this.names = [cookies.secure, cookies.plain].flatMap((cookie) => cookie?.name ?? []);
  }

  /** Reads a request's cookies. Returns `undefined` if none has our name. */
  read(hooks: RequestHooks, request: PlatformRequest): RememberRequest | undefined {
    const header = request.headers.cookie;
    if (!header || !this.names.some((name) => header.includes(name))) return undefined;
    const cookie = this.cookieOf(hooks);
    const values = [...new Set(cookie?.values(header))];
    if (!cookie || !values.length) return undefined;
    const elsewhere = values.length > 1 ? clearElsewhere(cookie, request) : [];
    const found = { hooks, cookie, values, elsewhere, seals: this.sealsOf(hooks) };
    this.requests.set(hooks.key, found);
    return found;
  }

  /** Returns the result of {@link read} for this request. */
  of({ key }: RequestHooks): RememberRequest | undefined {
    return this.requests.get(key);
  }

  /** Returns the cookie for the request's connection, or `undefined` if none may be sent there. */
  cookieOf({ connection }: RequestHooks): Cookie | undefined {
    if (connection === undefined) return undefined;
    const { secure, plain } = this.cookies;
    return connection === 'secure' ? (secure ?? plain) : plain;
  }

  /** Returns the seals with the keys for the request's host and path. */
  sealsOf({ sealing }: RequestHooks): RememberSeals {
    const known = this.seals.get(sealing);
    if (known) return known;
    const made = new RememberSeals(sealing, this.store);
    this.seals.set(sealing, made);
    return made;
  }
}

import type { IncomingMessage } from 'node:http';
import type { Cookie } from '../http/cookie.js';
import type { ResolvedCookies } from '../options/resolve-cookie.js';
import type { RequestHooks, SealingHooks } from '../request/request-hooks.js';
import type { RememberVisit } from './auto-login.js';
import { RememberSeals } from './remember-seals.js';

/** What requests bring of remember-me cookies. A request without one is never looked at again. */
export class RememberCookies {
  private readonly visits = new WeakMap<object, RememberVisit>();
  private readonly seals = new WeakMap<SealingHooks, RememberSeals>();
  private readonly names: readonly string[];

  constructor(
    private readonly cookies: ResolvedCookies,
    private readonly store: { readonly kind: string; readonly name: string },
  ) {
    this.names = [cookies.secure, cookies.plain].flatMap((cookie) => cookie?.name ?? []);
  }

  /** What a request brings; `undefined` where it brings no cookie of our name. */
  read(hooks: RequestHooks, { headers: { cookie: header } }: IncomingMessage): RememberVisit | undefined {
    if (!header || !this.names.some((name) => header.includes(name))) return undefined;
    const cookie = this.cookieOf(hooks);
    const values = [...new Set(cookie?.values(header))];
    if (!cookie || !values.length) return undefined;
    const visit = { hooks, cookie, values, seals: this.sealsOf(hooks) };
    this.visits.set(hooks.key, visit);
    return visit;
  }

  /** What {@link read} found. */
  of({ key }: RequestHooks): RememberVisit | undefined {
    return this.visits.get(key);
  }

  /** The cookie for the connection of a request; `undefined` where none may be sent. */
  cookieOf({ connection }: RequestHooks): Cookie | undefined {
    if (connection === undefined) return undefined;
    const { secure, plain } = this.cookies;
    return connection === 'secure' ? (secure ?? plain) : plain;
  }

  /** What seals for the host and path of a request. */
  sealsOf({ sealing }: RequestHooks): RememberSeals {
    const known = this.seals.get(sealing);
    if (known) return known;
    const made = new RememberSeals(sealing, this.store);
    this.seals.set(sealing, made);
    return made;
  }
}

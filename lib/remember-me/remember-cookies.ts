import type { IncomingMessage } from 'node:http';
import type { Cookie } from '../http/cookie.js';
import type { ResolvedCookies } from '../options/resolve-cookie.js';
import type { RequestSessions } from '../request/request-sessions.js';
import type { SessionEngine } from '../manager/session-engine.js';
import type { RequestSession } from '../request/request-session.js';
import type { RememberRequest } from './auto-login.js';
import { RememberSeals } from './remember-seals.js';

/** Reads the remember-me cookies of requests. A request without one costs one search in its Cookie header. */
export class RememberCookies {
  /** The requests that carry a cookie. */
  private readonly requests = new WeakMap<RequestSessions, RememberRequest>();
  private readonly seals = new WeakMap<SessionEngine, RememberSeals>();
  private readonly names: readonly string[];

  constructor(
    private readonly session: string,
    private readonly cookies: ResolvedCookies,
    private readonly store: { readonly kind: string; readonly name: string },
  ) {
    this.names = [cookies.secure, cookies.plain].flatMap((cookie) => cookie?.name ?? []);
  }

  /** Reads a request's cookies. Returns `undefined` if none has our name. */
  read(
    sessions: RequestSessions,
    { headers: { cookie: header } }: IncomingMessage,
  ): RememberRequest | undefined {
    if (!header || !this.names.some((name) => header.includes(name))) return undefined;
    const slot = sessions.slot(this.session);
    const cookie = this.cookieOf(slot);
    const values = [...new Set(cookie?.values(header))];
    if (!cookie || !values.length) return undefined;
    const found = { sessions, cookie, values, seals: this.sealsOf(slot) };
    this.requests.set(sessions, found);
    return found;
  }

  /** Returns the result of {@link read} for this request. */
  of(sessions: RequestSessions): RememberRequest | undefined {
    return this.requests.get(sessions);
  }

  /** Returns the cookie for a session's connection, or `undefined` if none may be sent there. */
  cookieOf({ endpoint: { cookieForbidden, cookie } }: RequestSession): Cookie | undefined {
    if (cookieForbidden) return undefined;
    const { secure, plain } = this.cookies;
    return cookie.secure ? (secure ?? plain) : plain;
  }

  /** Returns the seals with the keys for a session's host and path. */
  sealsOf({ engine }: RequestSession): RememberSeals {
    const known = this.seals.get(engine);
    if (known) return known;
    const made = new RememberSeals(engine, this.store);
    this.seals.set(engine, made);
    return made;
  }
}

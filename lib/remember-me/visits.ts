import type { IncomingMessage } from 'node:http';
import type { Cookie } from '../http/cookie.js';
import type { ResolvedCookies } from '../options/resolve-cookie.js';
import type { RequestSessions } from '../request/request-sessions.js';
import type { SessionEngine } from '../manager/session-engine.js';
import type { RequestSession } from '../request/request-session.js';
import type { RememberVisit } from './auto-login.js';
import { RememberSeals } from './remember-seals.js';

/** What requests bring of remember-me cookies. A request without one is never looked at again. */
export class RememberCookies {
  private readonly visits = new WeakMap<RequestSessions, RememberVisit>();
  private readonly seals = new WeakMap<SessionEngine, RememberSeals>();
  private readonly names: readonly string[];

  constructor(
    private readonly session: string,
    private readonly cookies: ResolvedCookies,
    private readonly store: { readonly kind: string; readonly name: string },
  ) {
    this.names = [cookies.secure, cookies.plain].flatMap((cookie) => cookie?.name ?? []);
  }

  /** What a request brings; `undefined` where it brings no cookie of our name. */
  read(
    sessions: RequestSessions,
    { headers: { cookie: header } }: IncomingMessage,
  ): RememberVisit | undefined {
    if (!header || !this.names.some((name) => header.includes(name))) return undefined;
    const slot = sessions.slot(this.session);
    const cookie = this.cookieOf(slot);
    const values = [...new Set(cookie?.values(header))];
    if (!cookie || !values.length) return undefined;
    const visit = { sessions, cookie, values, seals: this.sealsOf(slot) };
    this.visits.set(sessions, visit);
    return visit;
  }

  /** What {@link read} found. */
  of(sessions: RequestSessions): RememberVisit | undefined {
    return this.visits.get(sessions);
  }

  /** The cookie for the connection of a session; `undefined` where none may be sent. */
  cookieOf({ endpoint: { cookieForbidden, cookie } }: RequestSession): Cookie | undefined {
    if (cookieForbidden) return undefined;
    const { secure, plain } = this.cookies;
    return cookie.secure ? (secure ?? plain) : plain;
  }

  /** What seals for the host and path of a session. */
  sealsOf({ engine }: RequestSession): RememberSeals {
    const known = this.seals.get(engine);
    if (known) return known;
    const made = new RememberSeals(engine, this.store);
    this.seals.set(engine, made);
    return made;
  }
}

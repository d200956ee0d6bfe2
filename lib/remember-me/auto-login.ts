import type { Cookie } from '../http/cookie.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { RequestHooks, Visitor } from '../request/request-hooks.js';
import { MAX_CANDIDATES } from '../persistence/open-candidates.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { SessionService } from '../session.service.js';
import type { RememberSeals } from './remember-seals.js';
import { nextToken, wipe, type RememberToken } from './remember-token.js';
import type { FoundSeries, LiveSeries, SeriesRepository } from './series.repository.js';

/** A request that carries a remember-me cookie. */
export interface RememberVisit {
  readonly hooks: RequestHooks;
  readonly cookie: Cookie;
  /** Of all cookies of that name, each once. */
  readonly values: readonly string[];
  readonly seals: RememberSeals;
}

export interface AutoLoginParts {
  readonly session: string;
  readonly series: SeriesRepository;
  readonly sessions: SessionService;
  readonly events: SessionEvents;
  readonly onTheft: 'end' | 'event';
}

/** How often a token is looked at again when other requests of the same browser come between. */
const MAX_ATTEMPTS = 3;

/** Logs in who is remembered. A store that does not answer leaves the visitor a stranger for this request. */
export class AutoLogin {
  constructor(private readonly parts: AutoLoginParts) {}

  /** Logs the visitor in, where the cookie says who it is; rejects only when the session cannot be stored. */
  async recognise(visitor: Visitor, visit: RememberVisit): Promise<void> {
    const token = await this.tokenOf(visit);
    if (!token) return;
    const found = await orStranger(this.look(visit, token));
    if (!found) return wipe(token);
    await visitor.recognise(found.series.subject);
    // Only now, so that whatever ends the series and then the sessions finds the one or the other.
    const next = await orStranger(this.rotate(visit, found, token));
    wipe(token);
    if (!next) return visitor.forget();
    visit.hooks.addCookie(visit.cookie.set(await visit.seals.sealToken(next)));
    wipe(next);
    this.emitRemembered(found);
  }

  /** The one token among the cookies of our name; of two, none. */
  async tokenOf({ values, seals, hooks, cookie }: RememberVisit): Promise<RememberToken | undefined> {
    const tokens: RememberToken[] = [];
    for (const value of values.slice(0, MAX_CANDIDATES)) {
      const token = await seals.openToken(value);
      if (token) tokens.push(token);
    }
    if (tokens.length === 1) return tokens[0];
    if (values.length === 1) this.reject({ hooks, cookie }, 'not-ours');
  }

  /** The series that a token logs in to. Whatever else it leads to is dealt with here. */
  private async look(visit: RememberVisit, token: RememberToken): Promise<LiveSeries | undefined> {
    const found = await this.parts.series.find(visit.seals, token);
    if (isGood(found)) return found;
    if (found.kind === 'stolen') await this.alarm(visit, found);
    if (found.kind === 'unknown' || found.kind === 'expired') this.reject(visit, found.kind);
  }

  /** The token that takes the place of this one: made now, or by the request that was faster. `undefined` where the
   *  series has ended meanwhile. */
  private async rotate(
    visit: RememberVisit,
    found: LiveSeries,
    token: RememberToken,
  ): Promise<RememberToken | undefined> {
    const { series } = this.parts;
    let present: FoundSeries = found;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && isGood(present); attempt++) {
      if (present.kind === 'current') {
        const next = await series.replace(visit.seals, present, token);
        if (next) return next;
      }
      present = await series.find(visit.seals, token);
      if (present.kind === 'previous') return nextToken(token, present.series.salt);
    }
  }

  /** The series ends first, then the sessions: so none that it is just beginning is left. */
  private async alarm(
    { hooks, cookie }: RememberVisit,
    { key, series: { subject } }: LiveSeries,
  ): Promise<void> {
    const { series, session, events, onTheft } = this.parts;
    hooks.addCookie(cookie.clear());
    if (!(await series.end(key))) return; // another request has raised it
    let ended: number | undefined;
    try {
      if (onTheft === 'end') ended = await this.endAll(subject);
    } finally {
      events.emit('rememberTheft', { session, series: key.toString('base64url'), subject, sessions: ended });
    }
  }

  /** Ends everything of a subject; says how many sessions, if their store can end them. */
  private async endAll(subject: string): Promise<number | undefined> {
    await this.parts.series.endSubject(subject);
    return this.parts.sessions.revokeSubject(subject).catch((error: unknown) => {
      if (error instanceof SessionStateError) return undefined; // sessions in cookies
      throw error;
    });
  }

  private reject(
    { hooks, cookie }: Pick<RememberVisit, 'hooks' | 'cookie'>,
    reason: 'not-ours' | 'unknown' | 'expired',
  ): void {
    hooks.addCookie(cookie.clear());
    this.parts.events.emit('rememberRejected', { session: this.parts.session, reason });
  }

  private emitRemembered({ key, series: { subject } }: LiveSeries): void {
    const { session, events } = this.parts;
    events.emit('remembered', { session, series: key.toString('base64url'), subject });
  }
}

type GoodSeries = LiveSeries & { readonly kind: 'current' | 'previous' };

const isGood = (found: FoundSeries): found is GoodSeries =>
  found.kind === 'current' || found.kind === 'previous';

/** What is found, or nothing where the store of the series does not answer: its health has told it. */
function orStranger<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof SessionStoreError) return undefined;
    throw error;
  });
}

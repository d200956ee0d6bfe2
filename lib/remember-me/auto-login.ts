import type { Cookie } from '../http/cookie.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { RequestHooks, Visitor } from '../request/request-hooks.js';
import { MAX_CANDIDATES } from '../persistence/open-candidates.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { SessionService } from '../session.service.js';
import type { RememberSeals } from './remember-seals.js';
import { nextToken, wipe, type RememberToken } from './remember-token.js';
import type { FoundSeries, OpenedSeries, SeriesRepository } from './series.repository.js';

/** A request that carries a remember-me cookie. */
export interface RememberRequest {
  readonly hooks: RequestHooks;
  /** The cookie for the request's connection. */
  readonly cookie: Cookie;
  /** The values of all cookies with this name, each once. Unverified. */
  readonly values: readonly string[];
  /** Set-Cookie lines that clear the cookies at other places. Empty if there is one cookie. */
  readonly elsewhere: readonly string[];
  readonly seals: RememberSeals;
}

/** The collaborators of {@link AutoLogin}. */
export interface AutoLoginParts {
  /** Name of the session that visitors are logged in to. */
  readonly session: string;
  readonly series: SeriesRepository;
  readonly sessions: SessionService;
  readonly events: SessionEvents;
  /** `end`: a theft ends all series and sessions of the subject. `event`: only the series. */
  readonly onTheft: 'end' | 'event';
}

/** Attempts to replace a token while other requests of the same browser replace it too. */
const MAX_ATTEMPTS = 3;

/** Logs remembered visitors in. If the store of the series fails, the visitor stays anonymous for this request. */
export class AutoLogin {
  constructor(private readonly parts: AutoLoginParts) {}

  /** Logs the visitor in if the cookie's token allows it, and sends the next token. Rejects only if the session cannot be
   *  stored. */
  async recognise(visitor: Visitor, request: RememberRequest): Promise<void> {
    const tokens = await this.tokensOf(request);
    if (!tokens.length) return;
    const match = await undefinedIfDown(this.findSeries(request, tokens));
    if (!match) return tokens.forEach(wipe);
    const { found, token } = match;
    const session = await visitor.recognise(found.series.subject).catch(nullIfFull);
    if (session === null) return tokens.forEach(wipe);
    // Replace the token only after the login is stored: a concurrent revocation, which ends the series first and then the
    // sessions, always finds one of the two.
    const next = await undefinedIfDown(this.replaceToken(request, found, token, session));
    tokens.forEach(wipe);
    if (!next) return visitor.forget();
    request.hooks.addCookie(
      request.cookie.set(await request.seals.sealToken(next)),
      tokens.length > 1 ? request.elsewhere : [],
    );
    wipe(next);
    this.emitRemembered(found);
  }

  /** Returns the authentic tokens among the cookies with our name, if all are of one series. Tokens of two series, or more
   *  cookies than are tried, give none: one of them may be planted. A single cookie that is not ours is cleared. */
  private async tokensOf({ values, seals, hooks, cookie }: RememberRequest): Promise<RememberToken[]> {
    if (values.length > MAX_CANDIDATES) return this.refuseAmbiguous();
    const opened = await Promise.all(values.map((value) => seals.openToken(value)));
    const tokens = opened.filter((token) => token !== undefined);
    if (tokens.some(({ series }) => !series.equals(tokens[0]!.series))) return this.refuseAmbiguous();
    if (!tokens.length && values.length === 1) this.reject({ hooks, cookie, seals }, 'not-ours');
    return tokens;
  }

  private refuseAmbiguous(): RememberToken[] {
    this.parts.events.emit('rememberRejected', { session: this.parts.session, reason: 'ambiguous' });
    return [];
  }

  /** Returns the series that the tokens may log in to, and the token that does. A token that came together with the one that
   *  replaced it is no theft. Otherwise clears the cookie, or reports the theft, and returns `undefined`. If the series was
   *  ended a short time ago, the cookie stays, because a parallel request may have set a new one. Changes only the
   *  response and, after a theft, the stores. */
  private async findSeries(
    request: RememberRequest,
    tokens: readonly RememberToken[],
  ): Promise<{ found: LoginSeries; token: RememberToken } | undefined> {
    const all: { found: FoundSeries; token: RememberToken }[] = [];
    for (const token of tokens)
      all.push({ found: await this.parts.series.find(request.seals, token), token });
    for (const kind of ['current', 'previous'] as const)
      for (const { found, token } of all) if (found.kind === kind && canLogIn(found)) return { found, token };
    const { found } = all[0]!;
    if (found.kind === 'stolen') await this.reportTheft(request, found);
    if (found.kind === 'unknown' || found.kind === 'expired') this.reject(request, found.kind);
  }

  /** Returns the token that replaces this one: made by us, or derived again if another request was faster. Returns
   *  `undefined` if the series has ended meanwhile. */
  private async replaceToken(
    request: RememberRequest,
    found: OpenedSeries,
    token: RememberToken,
    session: Buffer | undefined,
  ): Promise<RememberToken | undefined> {
    const { series } = this.parts;
    let latest: FoundSeries = found;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && canLogIn(latest); attempt++) {
      const isNoted = latest.kind === 'previous';
      if (latest.kind === 'current') {
        const next = await series.replace(request.seals, latest, token, session);
        if (next) return next;
      } else if (session) await series.note(latest.key, session);
      latest = await series.find(request.seals, token);
      if (isNoted && latest.kind === 'previous') return nextToken(token, latest.series.salt);
    }
  }

  /** Ends the series of a copied token and, unless only an event is asked for, everything of its subject. The series ends
   *  before the sessions, so that a session that it begins at this moment is ended too. */
  private async reportTheft(
    { hooks, cookie }: RememberRequest,
    { key, series: { subject } }: OpenedSeries,
  ): Promise<void> {
    const { series, session, events, onTheft } = this.parts;
    hooks.addCookie(cookie.clear());
    if (!(await series.end(key))) return; // another request has reported the theft
    let ended: number | undefined;
    try {
      if (onTheft === 'end') ended = await this.endAll(subject);
    } finally {
      events.emit('rememberTheft', { session, series: key.toString('base64url'), subject, sessions: ended });
    }
  }

  /** Ends all series and sessions of a subject. Returns the number of sessions; `undefined` if they are in cookies, which
   *  nobody can end. */
  private async endAll(subject: string): Promise<number | undefined> {
    return this.parts.sessions.revokeSubject(subject).catch((error: unknown) => {
      if (error instanceof SessionStateError) return undefined;
      throw error;
    });
  }

  /** Clears a cookie that cannot log in. It stays while there is no key, since it may log in again when there is one. */
  private reject(
    { hooks, cookie, seals }: Pick<RememberRequest, 'hooks' | 'cookie' | 'seals'>,
    reason: 'not-ours' | 'unknown' | 'expired',
  ): void {
    if (!seals.hasKeys) return;
    hooks.addCookie(cookie.clear());
    this.parts.events.emit('rememberRejected', { session: this.parts.session, reason });
  }

  /** Emits the event of a successful login. */
  private emitRemembered({ key, series: { subject } }: OpenedSeries): void {
    const { session, events } = this.parts;
    events.emit('remembered', { session, series: key.toString('base64url'), subject });
  }
}

/** A series whose token logs in. */
type LoginSeries = OpenedSeries & { readonly kind: 'current' | 'previous' };

const canLogIn = (found: FoundSeries): found is LoginSeries =>
  found.kind === 'current' || found.kind === 'previous';

/** Returns `null` for the error of a subject who has as many sessions as he may: the visitor stays anonymous. */
function nullIfFull(error: unknown): null {
  if (error instanceof SessionStateError && error.code === 'ERR_SESSION_LIMIT') return null;
  throw error;
}

/** Returns the result, or `undefined` if the store of the series fails. The store's health has reported the failure. */
function undefinedIfDown<T>(result: Promise<T>): Promise<T | undefined> {
  return result.catch((error: unknown) => {
    if (error instanceof SessionStoreError) return undefined;
    throw error;
  });
}

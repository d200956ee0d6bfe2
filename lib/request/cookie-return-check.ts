import type { PlatformRequest } from '../http/connection.js';
import type { Unreachable } from '../http/cookie-reach.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { CookieReturns } from '../manager/cookie-returns.js';
import type { SessionProfile } from '../manager/session-profile.js';
import type { SessionLookup } from '../persistence/session-repository.interface.js';
import type { SessionState } from '../session/session-state.js';
import type { RequestLookup } from './request-lookup.interface.js';

/** Decides whether a session may begin with a request from which its cookie may not come back. */
export class CookieReturnCheck {
  /** Why a session may not begin here. */
  private unreachable: Unreachable | undefined;

  private constructor(
    private readonly returns: CookieReturns,
    private readonly profile: SessionProfile,
    private readonly endpoint: CookieEndpoint,
    private readonly request: PlatformRequest,
  ) {}

  /** Returns `undefined` for most requests: their cookie comes back, or nothing depends on it. */
  static for(
    profile: SessionProfile,
    endpoint: CookieEndpoint,
    request: PlatformRequest,
  ): CookieReturnCheck | undefined {
    const { returns, cookieForbidden, identify } = endpoint;
    if (!returns || cookieForbidden || identify || !profile.cookieOnly) return undefined;
    return new CookieReturnCheck(returns, profile, endpoint, request);
  }

  /** Returns what the cookie led to. Where a new session's cookie would not come back, the request takes no changes but a
   *  login: each request would store another session. */
  foundOrRefused({ found, absence, migrationSource }: RequestLookup): SessionLookup {
    if (absence || migrationSource) return found;
    if (found.kind === 'none') this.unreachable = this.returns.refusal(this.request, this.profile.now());
    else if (isAuthentic(found)) this.returns.sawCookie(this.request);
    return this.unreachable ? { kind: 'ended' } : found;
  }

  /** Takes note of a commit that was to begin a session, and tells the operator if none could begin. */
  sawCommit(state: SessionState): void {
    const { profile, endpoint, request, unreachable } = this;
    if (state.loaded) this.returns.sawBeginning(request, state.now());
    if (unreachable && !(state.loaded && unreachable === 'path'))
      profile.warnings.refusedUnreachable(unreachable, request, endpoint.cookie);
  }
}

/** False for cookies that were not judged one by one: anybody can write them. */
const isAuthentic = (found: SessionLookup): boolean => found.kind !== 'ended' || !found.brought;

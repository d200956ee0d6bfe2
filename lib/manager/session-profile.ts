import type { Envelope } from '../envelope/envelope.js';
import type { EnvelopeContext } from '../envelope/envelope-context.js';
import { CsrfTokens } from '../envelope/csrf-token.js';
import { isLoopback, isSecure, type PlatformRequest } from '../http/connection.js';
import type { Cookie } from '../http/cookie.js';
import type { GateLimits } from '../http/gate/response-gate.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { HeaderExchange } from '../persistence/session-format.interface.js';
import { toSeconds } from '../record/session-lifetime.js';
import type { SessionClock } from '../record/session-clock.js';
import { createEndpoint, envelopeContextOf, type CookieEndpoint } from './cookie-endpoint.js';

import type { CryptoParts } from './open-crypto.js';
import type { TransSid } from './open-trans-sid.js';
import type { OperatorWarnings } from './operator-warnings.js';
import type { ProfileParts } from './profile-parts.interface.js';
import type { ProfileStore } from './profile-store.js';

/** One set of options with its keys, its store and its cookies: the base options of a `forRoot`, or one of its contexts. */
export class SessionProfile {
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly events: SessionEvents;
  readonly store: ProfileStore;
  readonly crypto: CryptoParts;
  readonly csrf: CsrfTokens;
  readonly transSid: TransSid | undefined;
  readonly warnings: OperatorWarnings;
  /** True if the server sends the id in a cookie. */
  readonly sendsCookies: boolean;
  /** True if ids are read from the cookie and from nowhere else. */
  readonly cookieOnly: boolean;
  /** The request headers that responses depend on, for Vary. */
  readonly vary: string;
  /** How long a response waits for its commit, and how much of its body is held meanwhile. */
  readonly gateLimits: GateLimits;
  private readonly clock: SessionClock;
  private readonly secure: CookieEndpoint | undefined;
  private readonly plain: CookieEndpoint | undefined;
  private readonly forbidden: CookieEndpoint | undefined;

  constructor(parts: ProfileParts) {
    const { name, options, crypto, store, events, clock } = parts;
    const { sources, header } = options.id;
    this.name = name;
    this.options = options;
    this.events = events;
    this.store = store;
    this.crypto = crypto;
    this.csrf = new CsrfTokens(crypto.keys);
    this.transSid = parts.transSid;
    this.warnings = parts.warnings;
    this.sendsCookies = sources.includes('cookie');
    this.cookieOnly = this.sendsCookies && sources.length === 1;
    this.vary = sources.includes('header') ? `Cookie, ${header}` : 'Cookie';
    const { heldBody, heldBodyTotal } = options;
    this.gateLimits = { timeout: store.health.timeout, heldBody, heldBodyTotal };
    this.clock = clock;
    const endpoint = (cookie: Cookie | undefined) =>
      cookie && createEndpoint({ ...parts, now: () => this.now() }, cookie);
    this.secure = endpoint(options.cookies.secure);
    this.plain = endpoint(options.cookies.plain);
    this.forbidden = this.plain && { ...this.plain, cookieForbidden: true };
  }

  /** Whole seconds since 1970, by the store's clock. */
  now(): number {
    return toSeconds(this.clock(this.store.now()));
  }

  /** Returns the endpoint for the connection that the visitor sees. Over plain http from another machine, it forbids the
   *  cookie unless `cookie.secure` is false. */
  endpointOf(request: PlatformRequest): CookieEndpoint {
    const { secure, plain, forbidden } = this;
    if (!plain) return secure!;
    if (secure && isSecure(request)) return secure;
    return !this.options.cookies.plainOnLoopbackOnly || isLoopback(request) ? plain : forbidden!;
  }

  /** An endpoint for work that no request asks for. */
  get anyEndpoint(): CookieEndpoint {
    return (this.secure ?? this.plain)!;
  }

  /** The ways of secure and of plain connections. */
  get endpoints(): CookieEndpoint[] {
    return [this.secure, this.plain].filter((endpoint) => endpoint !== undefined);
  }

  /** The names of the cookies that this profile reads. */
  get cookieNames(): string[] {
    return this.endpoints.map(({ cookie }) => cookie.name);
  }

  /** The envelope of the native format; absent where `crypto.format` is another. */
  get envelope(): Envelope | undefined {
    return this.crypto.native?.envelope;
  }

  /** The headers by which sessions are shared with a backend; absent unless the format has them. */
  get exchange(): HeaderExchange | undefined {
    return this.options.crypto.format?.exchange;
  }

  /** Returns the context that a value is sealed for, under this profile's tenant and audience. */
  envelopeContext(purpose: string, store: string, name: string): EnvelopeContext {
    return envelopeContextOf(this.options, purpose, store, name);
  }
}

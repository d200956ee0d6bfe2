import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { exceptionOf, toldTo } from './session-exception.js';
import type { Awaitable } from './crypto/awaitable.js';
import { isSecure, type PlatformRequest } from './http/connection.js';
import type { RequestSessions } from './request/request-sessions.js';
import { httpRequestOf, noSession, routeOf, sessionsOfContext } from './session-route.js';

type JudgedRequest = { raw?: IncomingMessage; body?: unknown } & IncomingMessage;

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const HEADER = 'x-csrf-token';
const FIELD = '_csrf';

/** Why {@link SessionCsrfGuard} refused a request. The body of its exception has it as `code`.
 *
 *  - `ERR_CSRF_MISSING`: the request has none of the three proofs.
 *  - `ERR_CSRF_TOKEN`: the token is not one that was made for this session within `csrf.lifetime`, or the session has ended.
 *  - `ERR_CSRF_CROSS_SITE`: another site sent the request, and the route takes no token, since it uses no session. */
export type CsrfRefusal = 'ERR_CSRF_MISSING' | 'ERR_CSRF_TOKEN' | 'ERR_CSRF_CROSS_SITE';

const MESSAGES: Record<CsrfRefusal, string> = {
  ERR_CSRF_MISSING: `The request lacks a CSRF token: send one of @CsrfToken() in the header ${HEADER} or in the field ${FIELD}. Neither Sec-Fetch-Site nor Origin says that a page of this site sent the request`,
  ERR_CSRF_TOKEN:
    'The CSRF token does not belong to this session, or is too old: load the page again and send its new token',
  ERR_CSRF_CROSS_SITE: 'Sec-Fetch-Site or Origin says that another site sent the request',
};

/** Refuses requests that another site made the browser send, with 403. Safe methods pass. Of the others, one of these is
 *  enough: Sec-Fetch-Site is same-origin or none; without Sec-Fetch-Site, Origin is ours; the header `x-csrf-token` or the field `_csrf` holds a
 *  token that `@CsrfToken()` made for this session within the last `csrf.lifetime` seconds. A route with `@SkipSession()` has no token, so it admits what no
 *  browser has sent, such as a webhook: a request with neither header.
 *
 *  An operation of GraphQL is judged by its HTTP request. The messages of a socket are judged by its handshake, see
 *  `SessionService.attach`. Messages of microservices pass, since no browser sends them. */
@Injectable()
export class SessionCsrfGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const refusal = await this.refusalOf(context);
    if (refusal === undefined) return true;
    throw await exceptionOf(context, this.createException(context, refusal));
  }

  private refusalOf(context: ExecutionContext): Awaitable<CsrfRefusal | undefined> {
    const sessions = sessionsOfContext(context);
    if (sessions?.outlivesRequest) return refusalOfSocket(sessions, routeOf(context).name);
    const request = httpRequestOf(context) as JudgedRequest | undefined;
    if (request) return this.judge(context, request, sessions);
    if (context.getType<string>() === 'rpc' || routeOf(context).skip) return undefined; // no browser sends it
    throw noSession(context);
  }

  private async judge(
    context: ExecutionContext,
    request: JudgedRequest,
    sessions: RequestSessions | undefined,
  ): Promise<CsrfRefusal | undefined> {
    const raw: PlatformRequest = request.raw ?? request;
    if (isSafe(raw) || isSameOrigin(raw)) return undefined;
    const { skip, name } = routeOf(context);
    if (skip) return isFromBrowser(raw) ? 'ERR_CSRF_CROSS_SITE' : undefined;
    const token = raw.headers[HEADER] ?? fieldOf(request.body);
    const session = token === undefined ? undefined : sessions?.get(name);
    if (session && (await toldTo(context, session.csrf.verify(token)))) return undefined;
    session?.suppressRenewal();
    return token === undefined ? 'ERR_CSRF_MISSING' : 'ERR_CSRF_TOKEN';
  }

  /** Returns the exception that refuses a request. Override it to send another body, for instance. */
  protected createException(_context: ExecutionContext, refusal: CsrfRefusal): Error {
    return new ForbiddenException({
      statusCode: 403,
      error: 'Forbidden',
      code: refusal,
      message: MESSAGES[refusal],
    });
  }
}

/** Judges a message by the handshake of its socket, as it was attached for the session that the route means. */
function refusalOfSocket(sessions: RequestSessions, name: string | undefined): CsrfRefusal | undefined {
  const { foreignOrigin } = sessions.find(name) ?? sessions;
  return foreignOrigin ? 'ERR_CSRF_CROSS_SITE' : undefined;
}

/** Reports whether the request changes nothing. The handshake of a socket is a GET, and the messages that follow it can
 *  change everything. */
const isSafe = ({ method = '', headers }: PlatformRequest): boolean =>
  SAFE.has(method) && !headers.upgrade?.toLowerCase().includes('websocket');

/** Reports whether a browser sent the request: each sends one of the two with every request that is not safe. */
const isFromBrowser = ({ headers }: PlatformRequest): boolean =>
  headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;

/** Reports whether the browser says that a page of ours sent the request. It says nothing in old browsers. Sec-Fetch-Site
 *  decides alone where it is present: behind a proxy that is not trusted, the request of a page at `http://` seems to have
 *  our origin. */
function isSameOrigin(request: PlatformRequest): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  return isOwnOrigin(headers, isSecure(request));
}

function isOwnOrigin({ origin, host }: IncomingHttpHeaders, secure: boolean): boolean {
  return (
    host !== undefined &&
    origin !== undefined &&
    origin.toLowerCase() === `${secure ? 'https' : 'http'}://${host.toLowerCase()}`
  );
}

const fieldOf = (body: unknown): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[FIELD] : undefined;

import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isSecure, type PlatformRequest } from './http/connection.js';
import { routeOf, sessionsOfContext } from './session-route.js';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const HEADER = 'x-csrf-token';
const FIELD = '_csrf';

/** Refuses requests that another site made the browser send, with 403. Safe methods pass. Of the others, one of these is
 *  enough: Sec-Fetch-Site is same-origin or none; Origin is ours; the header `x-csrf-token` or the field `_csrf` holds a
 *  token that `@CsrfToken()` made for this session. */
@Injectable()
export class SessionCsrfGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ raw?: IncomingMessage; body?: unknown } & IncomingMessage>();
    const raw: PlatformRequest = request.raw ?? request;
    const { skip, name } = routeOf(context);
    if (SAFE.has(raw.method ?? '') || skip || isSameOrigin(raw)) return true;
    const token = raw.headers[HEADER] ?? fieldOf(request.body);
    const session = token === undefined ? undefined : sessionsOfContext(context)?.get(name);
    if (await session?.csrf.verify(token)) return true;
    session?.suppressRenewal();
    throw new ForbiddenException();
  }
}

/** Reports whether the browser says that a page of ours sent the request. It says nothing in old browsers. */
function isSameOrigin(request: PlatformRequest): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  return site === 'same-origin' || site === 'none' || isOwnOrigin(headers, isSecure(request));
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

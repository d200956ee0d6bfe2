import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isSecure, type PlatformRequest } from './http/connection.js';
import { routeOf, sessionsOfContext } from './session-route.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const HEADER = 'x-csrf-token';
const FIELD = '_csrf';

/** Refuses what another site made the browser send (403). Safe methods pass; of the others, one of these is enough:
 *  Sec-Fetch-Site says same-origin or none; Origin is ours; or the header `x-csrf-token` or field `_csrf` holds a token
 *  that `@CsrfToken()` made for this session. */
@Injectable()
export class SessionCsrfGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ raw?: IncomingMessage; body?: unknown } & IncomingMessage>();
    const raw: PlatformRequest = request.raw ?? request;
    if (SAFE.has(raw.method ?? '') || routeOf(context).skip || comesFromHere(raw)) return true;
    const token = raw.headers[HEADER] ?? fieldOf(request.body);
    const slot = token === undefined ? undefined : sessionsOfContext(context)?.slot(routeOf(context).name);
    if (await slot?.isCsrfToken(token)) return true;
    slot?.suppressRenewal();
    throw new ForbiddenException();
  }
}

/** What the browser itself says; where it says nothing, nothing is known. */
function comesFromHere(request: PlatformRequest): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  if (site !== undefined)
    return site === 'same-origin' || site === 'none' || isOwnOrigin(headers, isSecure(request));
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

import { isLocalName, isProxyTrusted, proxyTrustOf, type PlatformRequest } from '../http/connection.js';

/** Returns what an operator can do where a request came over plain http from another machine, with `cookie.secure: 'auto'`. */
export function plainHttpRemedy(request: PlatformRequest): string {
  const always = isProxyTrusted(request) ? ', or set cookie.secure: true' : '';
  return `${tlsRemedy(request)}${always}. Without any TLS, set cookie.secure: false${isLocalName(request) ? CONTAINER : ''}`;
}

/** Returns how the platform learns that a proxy speaks TLS with the visitor. */
export const tlsRemedy = (request: PlatformRequest): string =>
  isProxyTrusted(request)
    ? TELL_SCHEME
    : `Behind a proxy that speaks TLS, tell the platform to trust it: ${proxyTrustOf(request)}`;

const TELL_SCHEME =
  'The trusted proxy sends no "X-Forwarded-Proto: https". Where it speaks TLS, add it ' +
  '(nginx: proxy_set_header X-Forwarded-Proto $scheme; ' +
  'haproxy: http-request set-header X-Forwarded-Proto https if { ssl_fc })';

/** A stranger can write the name localhost, so this never stands in the place of the other advice. */
const CONTAINER =
  '. The request was for localhost and came from another address, as through a published port of a container: ' +
  'there, set cookie.secure: false while you develop';

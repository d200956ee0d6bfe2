import type { CookieEndpoint } from '../../manager/cookie-endpoint.js';
import type { SessionManager } from '../../manager/session-manager.js';
import { unsupported } from './find-manager.js';
import { testRequest } from './test-request.js';

/** Finds the user of a request, for a store that finds sessions by him. */
type Identify = NonNullable<CookieEndpoint['identify']>;

/** Returns the way of a session's cookie at an address. Throws a SessionStateError where no cookie can bring a session. `knowsUser`
 *  says whether a store that finds sessions by user finds one all the same. */
export function findEndpoint(
  manager: SessionManager,
  address: URL,
  knowsUser: (identify: Identify) => boolean = () => false,
): CookieEndpoint {
  const request = testRequest(address);
  const profile = manager.profileFor(request);
  const endpoint = profile.endpointOf(request);
  if (!manager.covers(profile, request))
    throw unsupported(`Sessions are off at ${address.pathname}; pass the url of a path that has them`);
  if (endpoint.identify && !knowsUser(endpoint.identify))
    throw unsupported(
      `The store "${profile.store.kind}" finds a session by the user of the request and by no cookie: send a request of that user`,
    );
  if (!endpoint.identify && !profile.sendsCookies)
    throw unsupported(
      'id.sources has no "cookie", so no cookie brings a session of this application: send the id in a request, and let a handler say what the session holds',
    );
  if (endpoint.cookieForbidden)
    throw unsupported(`No cookie may be sent over ${address.origin}; pass url: "https://${address.host}/"`);
  return endpoint;
}

import type { CookieEndpoint } from '../../manager/cookie-endpoint.js';
import type { SessionManager } from '../../manager/session-manager.js';
import type { SessionData } from '../../record/session-data.interface.js';
import { isEmptyRecord, type SessionRecord } from '../../record/session-record.js';
import { sessionRecordOf, type WantedSession } from '../../record/wanted-session.js';
import {
  addressOf,
  findManager,
  unsupported,
  type TestedApplication,
  type TestedSession,
} from './find-manager.js';
import { testRequest } from './test-request.js';

/** Stores a session in an application under test, as a login would, and resolves to the Cookie header that brings it. Rejects
 *  with a SessionStateError if no cookie can bring a session there, or if a value cannot be stored. */
export async function sessionCookie<T = SessionData>(
  app: TestedApplication,
  { name, url, ...wanted }: WantedSession<T> & TestedSession = {},
): Promise<string> {
  const manager = findManager(app, name === undefined ? {} : { name });
  const endpoint = endpointAt(manager, addressOf(manager, url));
  const { cookie, repository, timeouts } = endpoint;
  const record = sessionRecordOf(wanted as WantedSession<object>, repository.now(), timeouts);
  if (isEmptyRecord(record))
    throw unsupported('An empty session is never stored: pass a subject, data, or both');
  repository.check?.(record);
  const value = repository.cookieValue(await repository.create(repository.identity(record), record));
  if (wanted.idle) await checkIdle(endpoint, value, record);
  return `${cookie.name}=${value}`;
}

/** Throws a SessionStateError for a store that keeps the time of the last use itself, as PHP's files do. */
async function checkIdle(
  { repository }: CookieEndpoint,
  value: string,
  { lastSeenAt }: SessionRecord,
): Promise<void> {
  const found = await repository.open(value);
  if (found.kind !== 'live' || found.entry.record.lastSeenAt === lastSeenAt) return;
  await repository.end(found.entry);
  throw unsupported(
    'This store keeps the time of the last use itself, so idle has no effect: advance a TestClock',
  );
}

/** Returns the way of a session's cookie at an address. Throws a SessionStateError where there is none. */
function endpointAt(manager: SessionManager, address: URL): CookieEndpoint {
  const request = testRequest(address);
  const profile = manager.profileFor(request);
  const endpoint = profile.endpointOf(request);
  if (!manager.covers(profile, request)) throw unsupported(`Sessions are off at ${address.pathname}`);
  if (endpoint.identify)
    throw unsupported(
      `The store "${profile.store.kind}" finds a session by the user of the request and by no cookie: send a request of that user`,
    );
  if (!profile.sendsCookies)
    throw unsupported('id.sources has no "cookie", so no cookie brings a session of this application');
  if (endpoint.cookieForbidden)
    throw unsupported(`No cookie may be sent over ${address.origin}; pass url: "https://${address.host}/"`);
  return endpoint;
}

import type { CookieEndpoint } from '../../manager/cookie-endpoint.js';
import type { SessionData } from '../../record/session-data.interface.js';
import { isEmptyRecord, type SessionRecord } from '../../record/session-record.js';
import { sessionRecordOf, type WantedSession } from '../../record/wanted-session.js';
import { findEndpoint } from './find-endpoint.js';
import {
  addressOf,
  findManager,
  unsupported,
  type TestedApplication,
  type TestedSession,
} from './find-manager.js';

/** Stores a session in an application under test, as a login would, and resolves to the Cookie header that brings it. Rejects
 *  with a SessionStateError if no cookie can bring a session there, or if a value cannot be stored. */
export async function sessionCookie<T = SessionData>(
  app: TestedApplication,
  { name, url, ...wanted }: WantedSession<T> & TestedSession = {},
): Promise<string> {
  const manager = findManager(app, name === undefined ? {} : { name });
  const endpoint = findEndpoint(manager, addressOf(manager, url));
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

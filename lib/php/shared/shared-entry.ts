// The identities of sessions in PHP's files, and the entries that a repository returns for them.
import { createHash } from 'node:crypto';
import type {
  Identity,
  SessionLookup,
  StoredSession,
} from '../../persistence/session-repository.interface.js';
import type { SessionRecord } from '../../record/session-record.js';

/** Returns the identity of an id. The id is a credential, so the key, which is public, is a hash of it. */
export const identityOf = (id: string): Identity => ({
  key: createHash('sha256').update('php\0').update(id).digest(),
  token: Buffer.from(id),
});

/** Returns the id of an identity. */
export const idOf = ({ token }: Identity): string => token!.toString();

/** Returns the entry for the bytes of a file. `text` is a hash of the bytes, by which a later change shows. */
export function entryOf(
  { key, token }: Identity,
  record: SessionRecord,
  bytes: Buffer,
  { cookieOutdated, stale = false }: Pick<StoredSession, 'cookieOutdated'> & { readonly stale?: boolean },
): StoredSession {
  const text = createHash('sha256').update(bytes).digest('base64');
  return { key, token: token!, version: 0, record, stale, cookieOutdated, text };
}

/** Returns the lookup for an id without a session. `ours` is true, because PHP may have made the id: the response does not
 *  clear its cookie. */
export const noSession = (reason: (SessionLookup & { kind: 'none' })['reason']): SessionLookup => ({
  kind: 'none',
  reason,
  ours: true,
});

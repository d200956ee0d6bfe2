import { createHash, randomUUID } from 'node:crypto';
import type { Identity } from '../../persistence/session-repository.interface.js';

// The keys of rows in mod_session_dbd's table. Usually a key is a random UUID that the cookie carries, and so a credential.
// With `perUser`, it is the name of a user.

/** The keys that httpd makes. httpd itself looks up whatever text a cookie holds. In a table that also holds rows by user,
 *  that could be a user's name. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A user name that can be the key of a row: 1 to 256 characters without a zero byte. */
const USER = /^[^\0]{1,256}$/;

/** True if httpd could have made the key. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** True if the key can be the name of a user. */
export const isUserKey = (text: string): boolean => USER.test(text);

/** Returns the user if it can be the key of a row. Any other value means that nobody is logged in. */
export const userKeyOf = (user: unknown): string | undefined =>
  typeof user === 'string' && isUserKey(user) && !/\p{Surrogate}/u.test(user) ? user : undefined;

/** Returns a new identity with a key as httpd makes it. */
export const newIdentity = (): Identity => identityOf(randomUUID());

/** Returns the identity of a key. The public id of the session is a hash, because the key itself may be a credential. */
export const identityOf = (key: string): Identity => ({
  key: createHash('sha256').update('dbd\0').update(key).digest(),
  token: Buffer.from(key),
});

/** Returns the key of an identity that this file has made. */
export const keyOf = ({ token }: Identity): string => token!.toString();

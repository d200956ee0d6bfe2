import type { JsonObject } from '../../record/session-data.interface.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { PhpSession } from '../serializer/php-value.js';

/** The variable that holds the sealed part of a session: the facts of this package, such as the login. PHP keeps it like
 *  any other variable. */
export const SEALED_VARIABLE = '_nsc';

/** The state of a PHP session as it was read. A record carries it in `foreign`, so that a save can keep the unchanged parts
 *  byte for byte. */
export interface SharedSession {
  /** All variables as they were read, the sealed one included. */
  readonly variables: PhpSession;
  /** The part of the variables that handlers see. */
  readonly data: JsonObject;
  readonly subject: string | undefined;
  /** The sealed part, unless it is missing, forged or stale. */
  readonly sealed: SealedPart | undefined;
}

/** The sealed part as it was read. */
export interface SealedPart {
  readonly text: string;
  readonly record: SessionRecord;
}

/** Returns the PHP session that a record was read from. `undefined` for a new session. */
export const sharedOf = ({ foreign }: SessionRecord): SharedSession | undefined =>
  foreign as SharedSession | undefined;

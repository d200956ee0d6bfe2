import type { JsonObject } from '../../record/session-data.interface.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { PhpSession } from '../serializer/php-value.js';

/** Variable that holds what only we may know of a session: PHP carries it along like any other. */
export const OWN_KEY = '_nsc';

/** What a session of PHP carries besides what a handler sees. */
export interface SharedSession {
  /** All variables as they came, ours among them. */
  readonly variables: PhpSession;
  /** What was shown of them. */
  readonly data: JsonObject;
  readonly subject: string | undefined;
  readonly own: OwnPart | undefined;
}

/** Our own part as it came. */
export interface OwnPart {
  readonly text: string;
  readonly record: SessionRecord;
}

export const sharedOf = ({ foreign }: SessionRecord): SharedSession | undefined =>
  foreign as SharedSession | undefined;

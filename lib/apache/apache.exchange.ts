import type { HeaderExchange } from '../persistence/session-format.interface.js';
import type { JsonObject, JsonValue } from '../record/session-data.interface.js';
import type { RecordDraft, SessionRecord } from '../record/session-record.js';
import {
  entriesOf,
  jsonKeysOf,
  readData,
  type OriginalSession,
  type OriginalText,
} from './text/session-entries.js';
import { formatSessionText, mergeSessionText, type SessionTextOptions } from './text/session-text.js';

/** Options of {@link ApacheExchange}. */
export interface ApacheExchangeOptions {
  /** Name of the response header to merge, in any case of letters. */
  readonly header: string | undefined;
  /** Send the session's text to the backend. */
  readonly env: boolean;
  /** Remove the session's cookie from the request. */
  readonly cookieRemove: boolean;
  readonly rules: NonNullable<SessionTextOptions['rules']>;
  /** Key of the user's name in the data, if httpd's login counts. */
  readonly userKey: string | undefined;
}

/** Exchanges a session with a backend through headers, as httpd's SessionEnv, SessionHeader and SessionCookieRemove do. */
export class ApacheExchange implements HeaderExchange {
  readonly header: string | undefined;
  /** The request header that carries the text to a backend. The name is fixed, as in httpd. */
  readonly envHeader = 'session';
  readonly env: boolean;
  readonly cookieRemove: boolean;
  private readonly rules: ApacheExchangeOptions['rules'];
  private readonly userKey: string | undefined;

  constructor({ header, env, cookieRemove, rules, userKey }: ApacheExchangeOptions) {
    this.header = header?.toLowerCase();
    this.env = env;
    this.cookieRemove = cookieRemove;
    this.rules = rules;
    this.userKey = userKey;
  }

  /** Merges a backend's header into the data, by the rules of session text. Each character of the header is one byte. A
   *  backend cannot replace the native entry this way. Another user name, or none, ends the login; a header never begins
   *  one, since only a password does. */
  merge(draft: RecordDraft, text: string): void {
    const before = draft.foreign as OriginalSession | undefined;
    const expiry = before?.expiry;
    const present = { entries: entriesOf(draft.data, before), ...(expiry && { expiry }) };
    const merged = mergeSessionText(present, Buffer.from(text, 'latin1'), { rules: this.rules });
    const { data, original } = readData(merged, new Set(jsonKeysOf(draft.data)));
    if (this.userOf(data) !== this.userOf(draft.data)) draft.subject = undefined;
    draft.data = data as RecordDraft['data'];
    const isNewEnd = merged.expiry !== expiry;
    if (isNewEnd) draft.deadline = 0;
    const fixedExpiry = isNewEnd ? merged.expiry : before?.fixedExpiry;
    Object.assign(draft, { foreign: { ...before, ...original, fixedExpiry } satisfies OriginalSession });
  }

  /** Returns the user that httpd's login names in the data, if that login counts. */
  private userOf(data: JsonObject): JsonValue | undefined {
    return this.userKey !== undefined && Object.hasOwn(data, this.userKey) ? data[this.userKey] : undefined;
  }

  /** Returns the session text for a backend, unencrypted and without the native entry. */
  textOf({ data, foreign }: SessionRecord): string {
    const original = foreign as OriginalText | undefined;
    return formatSessionText(entriesOf(data, original), original?.expiry);
  }
}

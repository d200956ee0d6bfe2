import type { HeaderExchange } from '../persistence/session-format.interface.js';
import type { JsonObject, JsonValue } from '../record/session-data.interface.js';
import type { RecordDraft, SessionRecord } from '../record/session-record.js';
import { entriesOf, jsonKeysOf, showText, type KeptSession, type KeptText } from './text/session-entries.js';
import { formatSessionText, mergeSessionText, type SessionTextOptions } from './text/session-text.js';

export interface ApacheExchangeOptions {
  readonly header: string | undefined;
  readonly env: boolean;
  readonly cookieRemove: boolean;
  readonly rules: NonNullable<SessionTextOptions['rules']>;
  /** Key of the name of who is logged in, where that is believed. */
  readonly userKey: string | undefined;
}

/** SessionHeader, SessionEnv and SessionCookieRemove: how a session is told to a backend, and how it answers. */
export class ApacheExchange implements HeaderExchange {
  readonly header: string | undefined;
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

  /** Merges pairs into the data by the rules of session text; a header's characters are bytes. Our own entry can't be
   *  replaced that way. Another name of the user, or none, ends the login; only a password begins one. */
  merge(draft: RecordDraft, text: string): void {
    const kept = draft.foreign as KeptSession | undefined;
    const present = { entries: entriesOf(draft.data, kept), ...(kept?.expiry && { expiry: kept.expiry }) };
    const merged = mergeSessionText(present, Buffer.from(text, 'latin1'), { rules: this.rules });
    const shown = showText(merged, new Set(jsonKeysOf(draft.data)));
    if (this.userOf(shown.data) !== this.userOf(draft.data)) draft.subject = undefined;
    draft.data = shown.data as RecordDraft['data'];
    const isNewEnd = merged.expiry !== kept?.expiry;
    if (isNewEnd) draft.deadline = 0;
    const limit = isNewEnd ? merged.expiry : kept?.limit;
    Object.assign(draft, { foreign: { ...kept, ...shown.kept, limit } satisfies KeptSession });
  }

  private userOf(data: JsonObject): JsonValue | undefined {
    return this.userKey !== undefined && Object.hasOwn(data, this.userKey) ? data[this.userKey] : undefined;
  }

  /** The entries in clear, without the one that is ours alone. */
  textOf({ data, foreign }: SessionRecord): string {
    const kept = foreign as KeptText | undefined;
    return formatSessionText(entriesOf(data, kept), kept?.expiry);
  }
}

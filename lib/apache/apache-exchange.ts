import type { HeaderExchange, RecordDraft, SessionRecord } from '../session/index.js';
import { entriesOf, jsonKeysOf, showText, type KeptText } from './session-entries.js';
import { formatSessionText, mergeSessionText, type SessionTextOptions } from './session-text.js';

export interface ApacheExchangeOptions {
  readonly header: string | undefined;
  readonly env: boolean;
  readonly cookieRemove: boolean;
  readonly rules: NonNullable<SessionTextOptions['rules']>;
}

/** SessionHeader, SessionEnv and SessionCookieRemove: how a session is told to a backend, and how it answers. */
export class ApacheExchange implements HeaderExchange {
  readonly header: string | undefined;
  readonly envHeader = 'session';
  readonly env: boolean;
  readonly cookieRemove: boolean;
  private readonly rules: ApacheExchangeOptions['rules'];

  constructor({ header, env, cookieRemove, rules }: ApacheExchangeOptions) {
    this.header = header?.toLowerCase();
    this.env = env;
    this.cookieRemove = cookieRemove;
    this.rules = rules;
  }

  /** Merges pairs into the data by the rules of session text; a header's characters are bytes. Our own entry can't be
   *  replaced that way. */
  merge(draft: RecordDraft, text: string): void {
    const kept = draft.foreign as KeptText | undefined;
    const present = { entries: entriesOf(draft.data, kept), ...(kept?.expiry && { expiry: kept.expiry }) };
    const merged = mergeSessionText(present, Buffer.from(text, 'latin1'), { rules: this.rules });
    const shown = showText(merged, new Set(jsonKeysOf(draft.data)));
    draft.data = shown.data as RecordDraft['data'];
    Object.assign(draft, { foreign: shown.kept });
  }

  /** The entries in clear, without the one that is ours alone. */
  textOf({ data, foreign }: SessionRecord): string {
    const kept = foreign as KeptText | undefined;
    return formatSessionText(entriesOf(data, kept), kept?.expiry);
  }
}

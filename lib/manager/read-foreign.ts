import { codeOf } from '../errors/session-store.error.js';
import type { ConvertedSession } from '../persistence/converted-session.interface.js';
import type { MigratedFormat } from '../persistence/session-format.interface.js';
import { parseJsonObject } from '../record/json-value.js';
import type { JsonObject } from '../record/session-data.interface.js';
import { isSubject } from '../record/subject.js';

/** A session as a store for express-session keeps it. */
export interface ForeignRow {
  readonly id: string;
  /** Its JSON; `undefined` for what is no text. */
  readonly text: string | undefined;
  /** Seconds since 1970 at which it ends; `undefined` where nothing says so. */
  readonly expiresAt: number | undefined;
}

/** The reason why a session cannot be read. It shows nothing of the session. */
export interface Unreadable {
  readonly unreadable: string;
}

export interface ForeignParts {
  readonly format: MigratedFormat;
  /** The table or the prefix that the sessions come from. */
  readonly source: string;
  readonly payloadLimit: number;
  /** Whole seconds since 1970. */
  readonly now: number;
}

/** Characters of the longest id that a migration reads. */
const MAX_ID = 1024;

/** Reads one session of express-session; `empty` for one that holds nothing but its cookie. */
export function readForeign(
  { id, text, expiresAt }: ForeignRow,
  { format, source, payloadLimit, now }: ForeignParts,
): ConvertedSession | Unreadable | 'expired' | 'empty' {
  if (expiresAt !== undefined && expiresAt <= now) return 'expired';
  const json = text === undefined ? undefined : parseJsonObject(text);
  if (!json) return unreadable('no JSON object');
  const { cookie, ...data } = json;
  if (typeof cookie !== 'object' || cookie === null) return unreadable('no cookie in it');
  if (!id || id.length > MAX_ID) return unreadable('an id that no cookie holds');
  if (Buffer.byteLength(JSON.stringify(data)) > payloadLimit)
    return unreadable('longer than session.payloadLimit');
  if (!Object.keys(data).length) return 'empty';
  const subject = subjectOf(format, data);
  if (typeof subject === 'object') return subject;
  return { source, origin: id, expiresAt, subject, data };
}

function subjectOf(format: MigratedFormat, data: JsonObject): string | undefined | Unreadable {
  try {
    const subject = format.subjectOf?.(data);
    return subject === undefined || isSubject(subject) ? subject : unreadable('subjectFrom returned no id');
  } catch (error) {
    return unreadable(`subjectFrom failed (${codeOf(error)})`);
  }
}

export const unreadable = (reason: string): Unreadable => ({ unreadable: reason });

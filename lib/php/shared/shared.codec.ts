import { isSubject } from '../../record/subject.js';
import { isDeepStrictEqual } from 'node:util';
import { randomPoolBytes } from '../../crypto/random-pool.js';
import { SESSION_ID_LENGTH } from '../../envelope/frame.js';
import { SessionStateError, SessionTooLargeError } from '../../errors/session-state.error.js';
import { bytesByKey, type SessionRecord } from '../../record/session-record.js';
import type { JsonObject } from '../../record/session-data.interface.js';
import type { OpenedRecord, RecordCodec } from '../../persistence/record-codec.interface.js';
import type { SessionTimeouts } from '../../record/session-lifetime.js';
import { sessionFromJson, sessionToJson } from '../serializer/json-merge.js';
import type { PhpRefusal } from '../serializer/refusal.js';
import type { PhpSerializer } from '../serializer/php-serializer.js';
import type { PhpSession } from '../serializer/php-value.js';
import { SEALED_VARIABLE, sharedOf, type SealedPart, type SharedSession } from './shared-session.js';

/** The parts that a {@link SharedCodec} is built from. */
export interface SharedCodecParts {
  readonly serializer: PhpSerializer;
  /** The variable that names the subject. `undefined` if the sealed part names it. */
  readonly subjectKey: string | undefined;
  /** Returns the codec of the native format that is bound to a row. */
  readonly rowCodec: (row: Buffer) => RecordCodec;
  readonly timeouts: SessionTimeouts;
  /** Bytes. */
  readonly payloadLimit: number;
  /** Called for bytes that another serializer may have written. */
  readonly onOtherSerializer: () => void;
}

/** The refusals that bytes of another serializer can cause. */
const OTHER_SERIALIZER: ReadonlySet<PhpRefusal> = new Set(['malformed', 'not-an-array']);

/** The fields of a session in which nobody is logged in. */
const ANONYMOUS = { subject: undefined, authenticatedAt: 0, csrfSeed: undefined };

type OpenedPart = OpenedRecord & SealedPart;

/** Reads and writes a session as PHP keeps it: its variables are readable, and the facts of this package are sealed in one
 *  variable more, bound to the id. A program that writes the file without `crypto.secrets` cannot make up a login.
 *
 *      cart|a:1:{i:0;i:7;}_nsc|s:160:"…";          with the serializer `php`
 *
 *  The sealed part is a record of the native format without data. */
export class SharedCodec {
  constructor(private readonly parts: SharedCodecParts) {}

  /** Returns the session in the bytes of a file, or `payload` if there is none. `usedAt` is the time of the last write or
   *  touch in whole seconds, from which the idle timeout runs. */
  async open(row: Buffer, bytes: Buffer, usedAt: number): Promise<OpenedRecord | 'payload'> {
    const { serializer, payloadLimit, timeouts } = this.parts;
    const variables = serializer.decode(bytes, { size: payloadLimit });
    if (typeof variables === 'string') return this.refused(variables);
    const part = await this.openPart(row, variables);
    const record = this.recordOf(variables, part, usedAt);
    const hasClocks = part !== undefined && part.record.subject === record.subject;
    // Without a sealed part the absolute timeout has no beginning, so the session must be written.
    const needsClocks = !hasClocks && timeouts.absoluteTimeout > 0 && variables.size > 0;
    return { record, stale: part?.stale || needsClocks };
  }

  /** Returns the bytes for a file. Unchanged variables stay as they were read. Throws a SessionStateError for a value that
   *  PHP has no notation for, and a SessionTooLargeError for more bytes than `payloadLimit`. */
  async seal(row: Buffer, record: SessionRecord): Promise<Buffer> {
    const before = sharedOf(record);
    const data = { ...this.dataOf(record), [SEALED_VARIABLE]: await this.sealPart(row, record) };
    const kept = hasOtherSubject(record) ? undefined : before?.variables;
    const { payloadLimit } = this.parts;
    const bytes = this.encode(sessionFromJson(data, kept, payloadLimit));
    if (bytes.length <= payloadLimit) return bytes;
    throw new SessionTooLargeError(bytes.length, payloadLimit, bytesByKey(record));
  }

  /** Returns the record as the next request will read it: without a login if the variable of the subject was deleted. */
  asReadAgain(record: SessionRecord): SessionRecord {
    const subject = this.subjectIn(this.dataOf(record), record);
    return subject === record.subject ? record : { ...record, ...ANONYMOUS };
  }

  /** Throws a SessionStateError for a changed key that handlers must not set, and for a value that PHP could not read
   *  again. */
  check(record: SessionRecord): void {
    const shown = sharedOf(record)?.data ?? {};
    for (const [key, value] of Object.entries(record.data)) {
      if (key === SEALED_VARIABLE) throw keyError(key, 'is used by this package itself; choose another key');
      if (Object.hasOwn(shown, key) && shown[key] === value) continue;
      if (key === this.parts.subjectKey) throw keyError(key, 'names the user who is logged in; call login()');
      this.encode(sessionFromJson({ [key]: value }));
    }
  }

  /** Combines the variables with the sealed part. Of the part, only what belongs to the current subject is used. */
  private recordOf(variables: PhpSession, part: OpenedPart | undefined, usedAt: number): SessionRecord {
    const { [SEALED_VARIABLE]: _, ...data } = sessionToJson(variables, this.parts.payloadLimit);
    const sealed = part?.record;
    const subject = this.subjectIn(data, sealed);
    const isOthers = sealed?.subject !== undefined && sealed.subject !== subject;
    const facts = sealed && !isOthers ? sealed : this.newRecord(usedAt);
    return {
      ...facts,
      ...(sealed?.subject !== subject && ANONYMOUS),
      idIssuedAt: Math.min(facts.idIssuedAt, usedAt),
      lastSeenAt: usedAt,
      subject,
      data,
      foreign: { variables, data, subject, sealed: part?.stale ? undefined : part } satisfies SharedSession,
    };
  }

  private refused(reason: PhpRefusal): 'payload' {
    if (OTHER_SERIALIZER.has(reason)) this.parts.onOtherSerializer();
    return 'payload';
  }

  private encode(variables: PhpSession): Buffer {
    return this.parts.serializer.encode(variables, { size: Infinity });
  }

  /** Returns `undefined` if the sealed part is missing or does not open for this row. */
  private async openPart(row: Buffer, variables: PhpSession): Promise<OpenedPart | undefined> {
    const text = variables.get(SEALED_VARIABLE);
    if (typeof text !== 'string') return undefined;
    const codec = this.parts.rowCodec(row);
    const opened = text.length < codec.shortest ? 'length' : await codec.open(text);
    return typeof opened === 'string' ? undefined : { ...opened, text };
  }

  /** Returns the old text if its facts are unchanged, so that a change of data changes no other byte. A move changes the
   *  facts, so the text for another id is always new. */
  private async sealPart(row: Buffer, record: SessionRecord): Promise<string> {
    const sealed = sharedOf(record)?.sealed;
    const { foreign: _, ...facts } = { ...record, data: {} };
    if (sealed && hasSameFacts(sealed, facts)) return sealed.text;
    return this.parts.rowCodec(row).seal(facts, Infinity);
  }

  /** Returns the subject. A value that PHP takes for false names nobody: many applications use 0 for guests. */
  private subjectIn(data: JsonObject, sealed: SessionRecord | undefined): string | undefined {
    const { subjectKey } = this.parts;
    if (subjectKey === undefined) return sealed?.subject;
    const value = Object.hasOwn(data, subjectKey) ? data[subjectKey] : undefined;
    const subject = typeof value === 'number' && value ? String(value) : value;
    return isSubject(subject) ? subject : undefined;
  }

  /** Returns the data with the subject in PHP's variable, if a login or logout here has changed it. */
  private dataOf(record: SessionRecord): JsonObject {
    const { subjectKey } = this.parts;
    const { subject, data } = record;
    if (subjectKey === undefined || subject === sharedOf(record)?.subject) return data;
    const { [subjectKey]: _, ...others } = data;
    return subject === undefined ? others : { ...data, [subjectKey]: subject };
  }

  /** Returns the facts of a session that PHP has begun. */
  private newRecord(usedAt: number): SessionRecord {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    return {
      id: randomPoolBytes(SESSION_ID_LENGTH),
      idIssuedAt: usedAt,
      lastSeenAt: usedAt,
      deadline: absoluteTimeout ? usedAt + absoluteTimeout : 0,
      idleTimeout,
      generation: 0,
      epoch: 0,
      data: {},
      flash: {},
      createdAt: usedAt,
      ...ANONYMOUS,
    };
  }
}

const keyError = (key: string, why: string) =>
  new SessionStateError('ERR_SESSION_VALUE', `The key "${key}" ${why}`);

/** Reports whether the session belonged to another subject when it was read. Then the variables that handlers do not see
 *  must not be kept. */
function hasOtherSubject(record: SessionRecord): boolean {
  const before = sharedOf(record)?.subject;
  return before !== undefined && before !== record.subject;
}

/** Compares all facts but the time of last use, which the file itself has. */
const hasSameFacts = ({ record }: SealedPart, facts: SessionRecord): boolean =>
  isDeepStrictEqual({ ...record, lastSeenAt: 0 }, { ...facts, lastSeenAt: 0 });

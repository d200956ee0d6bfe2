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
import { OWN_KEY, sharedOf, type OwnPart, type SharedSession } from './shared-session.js';

export interface SharedCodecParts {
  readonly serializer: PhpSerializer;
  /** Variable that says who is logged in; `undefined`: our own part does. */
  readonly subjectKey: string | undefined;
  /** Our own form, bound to a row. */
  readonly rowCodec: (row: Buffer) => RecordCodec;
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  /** Told of bytes that are not of the serializer's form. */
  readonly otherForm: () => void;
}

/** Refusals that another serializer may be the reason of. */
const OTHER_FORM: ReadonlySet<PhpRefusal> = new Set(['malformed', 'not-an-array']);

type OpenedOwn = OpenedRecord & OwnPart;

/** A session as PHP keeps it: its variables in clear, our own part sealed in one variable more and bound to the id, so
 *  that whoever writes the file without our secrets cannot make up who is logged in. */
export class SharedCodec {
  constructor(private readonly parts: SharedCodecParts) {}

  /** The session that stands in a file. `usedAt`: when that was last written or touched, in whole seconds, from which
   *  the idle clock runs. */
  async open(row: Buffer, bytes: Buffer, usedAt: number): Promise<OpenedRecord | 'payload'> {
    const { serializer, payloadLimit, timeouts } = this.parts;
    const variables = serializer.decode(bytes, { size: payloadLimit });
    if (typeof variables === 'string') return this.refused(variables);
    const opened = await this.openOwn(row, variables);
    const record = this.recordOf(variables, opened, usedAt);
    const isTold = opened !== undefined && opened.record.subject === record.subject;
    const isNew = !isTold && timeouts.absoluteTimeout > 0 && variables.size > 0; // its clocks begin with our part
    return { record, stale: opened?.stale || isNew };
  }

  /** The bytes of a file: what nobody has changed as it came. Throws a SessionStateError for what PHP has no form for. */
  async seal(row: Buffer, record: SessionRecord): Promise<Buffer> {
    const before = sharedOf(record);
    const data = { ...this.dataOf(record), [OWN_KEY]: await this.sealOwn(row, record) };
    const kept = isOthers(record) ? undefined : before?.variables;
    const { payloadLimit } = this.parts;
    const bytes = this.encode(sessionFromJson(data, kept, payloadLimit));
    if (bytes.length <= payloadLimit) return bytes;
    throw new SessionTooLargeError(bytes.length, payloadLimit, bytesByKey(record));
  }

  /** A record as it will be read again: where the variable of the subject was taken away, nobody is logged in. */
  settled(record: SessionRecord): SessionRecord {
    const isTold = this.subjectIn(this.dataOf(record), record) === record.subject;
    return isTold ? record : { ...record, ...NOBODY };
  }

  /** Throws a SessionStateError that names a key which is not the handler's, or says what PHP could not read back. */
  check(record: SessionRecord): void {
    const shown = sharedOf(record)?.data ?? {};
    for (const [key, value] of Object.entries(record.data)) {
      if (key === OWN_KEY) throw refused(key, 'is ours');
      if (Object.hasOwn(shown, key) && shown[key] === value) continue;
      if (key === this.parts.subjectKey) throw refused(key, 'says who is logged in; call login()');
      this.encode(sessionFromJson({ [key]: value }));
    }
  }

  /** What our part says counts as far as it is of the same subject. */
  private recordOf(variables: PhpSession, opened: OpenedOwn | undefined, usedAt: number): SessionRecord {
    const { [OWN_KEY]: _, ...data } = sessionToJson(variables, this.parts.payloadLimit);
    const told = opened?.record;
    const subject = this.subjectIn(data, told);
    const isAnothers = told?.subject !== undefined && told.subject !== subject;
    const begun = told && !isAnothers ? told : this.blank(usedAt);
    return {
      ...begun,
      ...(told?.subject !== subject && NOBODY),
      idIssuedAt: Math.min(begun.idIssuedAt, usedAt),
      lastSeenAt: usedAt,
      subject,
      data,
      foreign: { variables, data, subject, own: opened?.stale ? undefined : opened } satisfies SharedSession,
    };
  }

  private refused(reason: PhpRefusal): 'payload' {
    if (OTHER_FORM.has(reason)) this.parts.otherForm();
    return 'payload';
  }

  private encode(variables: PhpSession): Buffer {
    return this.parts.serializer.encode(variables, { size: Infinity });
  }

  private async openOwn(row: Buffer, variables: PhpSession): Promise<OpenedOwn | undefined> {
    const text = variables.get(OWN_KEY);
    if (typeof text !== 'string') return undefined;
    const codec = this.parts.rowCodec(row);
    const opened = text.length < codec.shortest ? 'length' : await codec.open(text);
    return typeof opened === 'string' ? undefined : { ...opened, text };
  }

  /** As it came where it says the same: then a change of data changes no other byte. With a new id it never does. */
  private async sealOwn(row: Buffer, record: SessionRecord): Promise<string> {
    const own = sharedOf(record)?.own;
    const { foreign: _, ...facts } = { ...record, data: {} };
    if (own && isSaid(own, facts)) return own.text;
    return this.parts.rowCodec(row).seal(facts, Infinity);
  }

  /** What PHP takes for false is nobody: many applications have 0 for guests. */
  private subjectIn(data: JsonObject, own: SessionRecord | undefined): string | undefined {
    const { subjectKey } = this.parts;
    if (subjectKey === undefined) return own?.subject;
    const value = Object.hasOwn(data, subjectKey) ? data[subjectKey] : undefined;
    return value && (typeof value === 'number' || typeof value === 'string') ? String(value) : undefined;
  }

  /** A login here is told to PHP in its own variable. */
  private dataOf(record: SessionRecord): JsonObject {
    const { subjectKey } = this.parts;
    const { subject, data } = record;
    if (subjectKey === undefined || subject === sharedOf(record)?.subject) return data;
    const { [subjectKey]: _, ...others } = data;
    return subject === undefined ? others : { ...data, [subjectKey]: subject };
  }

  /** What a session begins as that PHP has begun. */
  private blank(usedAt: number): SessionRecord {
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
      ...NOBODY,
    };
  }
}

const refused = (key: string, why: string) =>
  new SessionStateError('ERR_SESSION_VALUE', `The key "${key}" ${why}`);

/** Of a session of which our own part does not say who it is. */
const NOBODY = { subject: undefined, authenticatedAt: 0, csrfSeed: undefined };

/** The session was somebody's and is another's now: nothing that a handler was not shown may come along. */
function isOthers(record: SessionRecord): boolean {
  const before = sharedOf(record)?.subject;
  return before !== undefined && before !== record.subject;
}

/** Whether it says the same of the session, but for when that was last used, which the file says. */
const isSaid = ({ record }: OwnPart, facts: SessionRecord): boolean =>
  isDeepStrictEqual({ ...record, lastSeenAt: 0 }, { ...facts, lastSeenAt: 0 });

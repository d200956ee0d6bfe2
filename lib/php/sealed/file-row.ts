import { isUtf8 } from 'node:buffer';
import type { RowState, SessionRow } from '../../stores/session-store.interface.js';

/** `removed` is the state that prune writes just before it removes the file. Such a row counts as absent. */
export type FileState = RowState | 'removed';

/** A row as its file holds it. */
export interface FileRow extends SessionRow {
  /** 32 hex digits, new for each write of any row, so that the same id means the same bytes. */
  readonly id: string;
  readonly version: number;
  readonly state: FileState;
}

/** The bytes of {@link FileRow.id}. */
export const ID_LENGTH = 16;

const MAGIC = Buffer.from('SCRF');
const FORMAT = 1;
/** The byte in the file is the index in this list. */
const STATES: readonly FileState[] = ['live', 'moved', 'ended', 'removed'];
const KEY_LENGTH = 32;
const HEADER_LENGTH = 96;
const NO_SUBJECT = 0xffff_ffff;
/** The largest time of a Date in milliseconds (ECMA-262 §21.4.1.1). */
const MAX_TIME = 8.64e15;

/** Returns the bytes of a file:
 *
 *      magic(4) ‖ format(1) ‖ state(1) ‖ zero(2) ‖ version(4) ‖ id(16) ‖ key(32) ‖ created(8) ‖ last seen(8) ‖ deadline(8)
 *      ‖ zero(4) ‖ subject length(4) ‖ sealed length(4) ‖ subject ‖ sealed
 *
 *  Integers are big-endian. Times are milliseconds since 1970 as a double. The subject length ffffffff means no subject. */
export function encodeFileRow(row: FileRow): Buffer {
  const subject = row.subject === undefined ? undefined : Buffer.from(row.subject);
  const bytes = Buffer.alloc(HEADER_LENGTH + (subject?.length ?? 0) + row.sealed.length);
  bytes.set(MAGIC, 0);
  bytes[4] = FORMAT;
  bytes[5] = STATES.indexOf(row.state);
  bytes.writeUInt32BE(row.version, 8);
  bytes.write(row.id, 12, 'hex');
  bytes.set(row.key, 28);
  bytes.writeDoubleBE(row.createdAt.getTime(), 60);
  bytes.writeDoubleBE(row.lastSeenAt.getTime(), 68);
  bytes.writeDoubleBE(row.deadline.getTime(), 76);
  bytes.writeUInt32BE(subject?.length ?? NO_SUBJECT, 88);
  bytes.writeUInt32BE(row.sealed.length, 92);
  if (subject) bytes.set(subject, HEADER_LENGTH);
  bytes.set(row.sealed, bytes.length - row.sealed.length);
  return bytes;
}

/** Returns the row in the bytes of a file. Returns `undefined` unless the bytes are exactly one row of this key: not if they
 *  are cut off, too long, of another format or another row, or if a field is out of its range. */
export function decodeFileRow(bytes: Buffer, key: Buffer): FileRow | undefined {
  if (bytes.length < HEADER_LENGTH || !bytes.subarray(0, 4).equals(MAGIC) || bytes[4] !== FORMAT)
    return undefined;
  if (bytes.readUInt16BE(6) || bytes.readUInt32BE(84)) return undefined;
  if (!bytes.subarray(28, 28 + KEY_LENGTH).equals(key)) return undefined;
  const state = STATES[bytes[5]!];
  const version = bytes.readUInt32BE(8);
  const tail = decodeTail(bytes);
  const times = [60, 68, 76].map((at) => bytes.readDoubleBE(at));
  if (!state || !version || !tail || !times.every(isTime)) return undefined;
  const [createdAt, lastSeenAt, deadline] = times.map((time) => new Date(time)) as [Date, Date, Date];
  const id = bytes.toString('hex', 12, 12 + ID_LENGTH);
  return { key, id, version, state, createdAt, lastSeenAt, deadline, ...tail };
}

/** Returns the fields after the header, if their lengths fill the file exactly. */
function decodeTail(bytes: Buffer): Pick<FileRow, 'subject' | 'sealed'> | undefined {
  const length = bytes.readUInt32BE(88);
  const end = HEADER_LENGTH + (length === NO_SUBJECT ? 0 : length);
  if (end + bytes.readUInt32BE(92) !== bytes.length) return undefined;
  const subject = bytes.subarray(HEADER_LENGTH, end);
  if (!isUtf8(subject)) return undefined;
  return { subject: length === NO_SUBJECT ? undefined : subject.toString(), sealed: bytes.subarray(end) };
}

const isTime = (time: number) => Number.isInteger(time) && Math.abs(time) <= MAX_TIME;

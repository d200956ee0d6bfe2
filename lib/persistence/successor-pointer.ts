import { REFERENCE_TOKEN_LENGTH } from '../envelope/reference-token.js';

/** What an old row says about its successor. */
export interface SuccessorPointer {
  /** The successor's token, 32 bytes. */
  readonly token: Buffer;
  /** Whole seconds since 1970 at which the session moved: the grace period begins then. */
  readonly movedAt: number;
  /** The user of the session, whose sessions end after a theft; `undefined` for nobody. */
  readonly subject: string | undefined;
}

const SUBJECT_AT = REFERENCE_TOKEN_LENGTH + 4;

/** Lays a pointer out: token(32) ‖ moved at(4) ‖ subject (UTF-8). The bytes hold a token, so the caller wipes them once they
 *  are sealed. The buffer is not from Node's pool, which other code could read. */
export function encodePointer({ token, movedAt, subject = '' }: SuccessorPointer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(SUBJECT_AT + Buffer.byteLength(subject));
  bytes.set(token, 0);
  bytes.writeUInt32BE(movedAt, REFERENCE_TOKEN_LENGTH);
  bytes.write(subject, SUBJECT_AT);
  return bytes;
}

/** Reads what {@link encodePointer} laid out; `undefined` if the bytes are too short to be a pointer. */
export function decodePointer(bytes: Buffer): SuccessorPointer | undefined {
  if (bytes.length < SUBJECT_AT) return undefined;
  return {
    token: bytes.subarray(0, REFERENCE_TOKEN_LENGTH),
    movedAt: bytes.readUInt32BE(REFERENCE_TOKEN_LENGTH),
    subject: bytes.toString('utf8', SUBJECT_AT) || undefined,
  };
}

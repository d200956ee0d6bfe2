// The frame: clocks and id of a session, in fixed places inside the ciphertext, before the session's data.

import type { RejectReason } from '../errors/envelope.error.js';

/** Bytes before the payload. */
export const FRAME_LENGTH = 48;
/** Bytes of a session's id in the frame. */
export const SESSION_ID_LENGTH = 16;

/** The only format of a frame. */
const FORMAT = 0x01;
/** Flags that a reader accepts: bit 0 (authenticated) and bit 1 (persistent), both ignored. Bits 2 and 3 name the codec
 *  of the payload and are 0 for JSON. Bit 4 (padded) and the rest are reserved: a reader that does not know their meaning
 *  must refuse them. */
const KNOWN_FLAGS = 0b11;

/** Offsets of the fields. */
const AT = {
  id: 2,
  idIssuedAt: 18,
  lastSeenAt: 22,
  deadline: 26,
  idleTimeout: 30,
  authenticatedAt: 34,
  generation: 38,
  epoch: 42,
  padding: 46,
} as const;

/** The fields of a frame. Moments are whole seconds since 1970 in unsigned 32 bits; 0 means none. */
export interface Frame {
  /** 16 random bytes. They stay the same when the session is sealed again and change at regenerate. */
  readonly id: Buffer;
  /** The moment at which this id was made. */
  readonly idIssuedAt: number;
  /** The moment from which the idle timeout runs. */
  readonly lastSeenAt: number;
  /** The moment at which the absolute timeout ends the session. */
  readonly deadline: number;
  /** The idle timeout in seconds. */
  readonly idleTimeout: number;
  /** The moment of the last login. */
  readonly authenticatedAt: number;
  /** A counter that rises at each regenerate and login. */
  readonly generation: number;
  /** Reserved: written as 0, kept by a reader. It is not the epoch of a derived key. */
  readonly epoch: number;
}

/** Returns the frame and the payload, which is UTF-8 text:
 *
 *      format(1) ‖ flags(1) ‖ id(16) ‖ idIssuedAt(4) ‖ lastSeenAt(4) ‖ deadline(4) ‖ idleTimeout(4)
 *      ‖ authenticatedAt(4) ‖ generation(4) ‖ epoch(4) ‖ padding length(2, zero) ‖ payload          all big-endian
 *
 *  Throws a RangeError if a number does not fit into 32 bits. */
export function encodeFrame(frame: Frame, payload: string): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_LENGTH + Buffer.byteLength(payload));
  bytes[0] = FORMAT;
  bytes[1] = 0;
  bytes.set(frame.id, AT.id);
  bytes.writeUInt32BE(frame.idIssuedAt, AT.idIssuedAt);
  bytes.writeUInt32BE(frame.lastSeenAt, AT.lastSeenAt);
  bytes.writeUInt32BE(frame.deadline, AT.deadline);
  bytes.writeUInt32BE(frame.idleTimeout, AT.idleTimeout);
  bytes.writeUInt32BE(frame.authenticatedAt, AT.authenticatedAt);
  bytes.writeUInt32BE(frame.generation, AT.generation);
  bytes.writeUInt32BE(frame.epoch, AT.epoch);
  bytes.writeUInt16BE(0, AT.padding);
  bytes.write(payload, FRAME_LENGTH);
  return bytes;
}

/** Returns frame and payload of an opened plaintext, or `'frame'` if it is too short or uses a reserved field. The
 *  payload is a view of `bytes` and has not been checked. Nobody has compared the clocks yet either. */
export function decodeFrame(bytes: Buffer): { frame: Frame; payload: Buffer } | RejectReason {
  if (bytes.length < FRAME_LENGTH) return 'frame';
  if (bytes[0] !== FORMAT || bytes[1]! & ~KNOWN_FLAGS || bytes.readUInt16BE(AT.padding)) return 'frame';
  const frame: Frame = {
    id: Buffer.from(bytes.subarray(AT.id, AT.id + SESSION_ID_LENGTH)),
    idIssuedAt: bytes.readUInt32BE(AT.idIssuedAt),
    lastSeenAt: bytes.readUInt32BE(AT.lastSeenAt),
    deadline: bytes.readUInt32BE(AT.deadline),
    idleTimeout: bytes.readUInt32BE(AT.idleTimeout),
    authenticatedAt: bytes.readUInt32BE(AT.authenticatedAt),
    generation: bytes.readUInt32BE(AT.generation),
    epoch: bytes.readUInt32BE(AT.epoch),
  };
  return { frame, payload: bytes.subarray(FRAME_LENGTH) };
}

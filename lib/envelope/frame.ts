import type { RejectReason } from '../errors/envelope.error.js';

export const FRAME_LENGTH = 48;
export const SESSION_ID_LENGTH = 16;

const FORMAT = 0x01;
/** Flags that a reader of this version knows: bit 0 authenticated, bit 1 persistent. The codec bits 2 and 3 are 0
 *  for JSON; the padded bit 4 and the rest are reserved. */
const KNOWN_FLAGS = 0b11;

/** The fixed part inside the ciphertext. Moments are whole seconds since 1970, unsigned 32 bits; 0 is none. */
export interface Frame {
  /** 16 random bytes; stay over re-seals, change at regenerate. */
  readonly id: Buffer;
  readonly idIssuedAt: number;
  /** The idle clock runs from here. */
  readonly lastSeenAt: number;
  /** Absolute deadline. */
  readonly deadline: number;
  /** Idle limit in seconds. */
  readonly idleTimeout: number;
  readonly authenticatedAt: number;
  /** Rises at each regenerate or change of privilege. */
  readonly generation: number;
  readonly epoch: number;
}

/** format(1) ‖ flags(1) ‖ id(16) ‖ created(4) ‖ issued(4) ‖ deadline(4) ‖ idle(4) ‖ authenticated(4) ‖ generation(4)
 *  ‖ epoch(4) ‖ padding length(2, zero) ‖ payload */
export function encodeFrame(frame: Frame, payload: string): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_LENGTH + Buffer.byteLength(payload));
  bytes[0] = FORMAT;
  bytes[1] = 0;
  bytes.set(frame.id, 2);
  bytes.writeUInt32BE(frame.idIssuedAt, 18);
  bytes.writeUInt32BE(frame.lastSeenAt, 22);
  bytes.writeUInt32BE(frame.deadline, 26);
  bytes.writeUInt32BE(frame.idleTimeout, 30);
  bytes.writeUInt32BE(frame.authenticatedAt, 34);
  bytes.writeUInt32BE(frame.generation, 38);
  bytes.writeUInt32BE(frame.epoch, 42);
  bytes.writeUInt16BE(0, 46);
  bytes.write(payload, FRAME_LENGTH);
  return bytes;
}

/** Frame and payload bytes, or `frame` when a reserved field is used or a field is missing. */
export function decodeFrame(bytes: Buffer): { frame: Frame; payload: Buffer } | RejectReason {
  if (bytes.length < FRAME_LENGTH) return 'frame';
  if (bytes[0] !== FORMAT || bytes[1]! & ~KNOWN_FLAGS || bytes.readUInt16BE(46)) return 'frame';
  const frame: Frame = {
    id: Buffer.from(bytes.subarray(2, 18)),
    idIssuedAt: bytes.readUInt32BE(18),
    lastSeenAt: bytes.readUInt32BE(22),
    deadline: bytes.readUInt32BE(26),
    idleTimeout: bytes.readUInt32BE(30),
    authenticatedAt: bytes.readUInt32BE(34),
    generation: bytes.readUInt32BE(38),
    epoch: bytes.readUInt32BE(42),
  };
  return { frame, payload: bytes.subarray(FRAME_LENGTH) };
}

/** A session that may be stored and is not stored yet. */
export interface Reservation {
  readonly key: Buffer;
  /** Seconds since 1970 until which it may still be stored. */
  readonly until: number;
}

const KIND = 4;
const KEY_LENGTH = 32;
const LENGTH = KEY_LENGTH + 4;

/** kind(1) ‖ for each reservation: key(32) ‖ until(4) */
export function encodeReservations(all: readonly Reservation[]): Buffer {
  const bytes = Buffer.alloc(1 + all.length * LENGTH);
  bytes[0] = KIND;
  all.forEach(({ key, until }, i) => {
    bytes.set(key, 1 + i * LENGTH);
    bytes.writeUInt32BE(until, 1 + i * LENGTH + KEY_LENGTH);
  });
  return bytes;
}

/** Reads the reservations of a subject; none where nobody of ours has written any. */
export function decodeReservations(bytes: Buffer | undefined): Reservation[] {
  if (bytes?.[0] !== KIND) return [];
  return Array.from({ length: Math.floor((bytes.length - 1) / LENGTH) }, (_, i) => {
    const at = 1 + i * LENGTH;
    return { key: bytes.subarray(at, at + KEY_LENGTH), until: bytes.readUInt32BE(at + KEY_LENGTH) };
  });
}

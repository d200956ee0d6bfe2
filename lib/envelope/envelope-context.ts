import { createHash } from 'node:crypto';

/** What a sealed value is bound to and what is never sent with it. */
export interface ContextItems {
  /** `session`, `successor`, … */
  readonly purpose: string;
  /** `cookie`, `postgres`, `memory`, … */
  readonly store: string;
  /** The effective cookie name, or the table's. */
  readonly name: string;
  readonly tenant: string;
  readonly audience: string;
}

export const HEADER_LENGTH = 5;
export const NO_ROW = Buffer.alloc(0);

/** The seven items, each type(1) ‖ length(2, big-endian) ‖ value, all present, in this order:
 *  0 header · 1 purpose · 2 store · 3 name · 4 tenant · 5 audience · 6 row */
export class EnvelopeContext {
  private readonly middle: Buffer;
  /** SHA-256 of items 1 to 5: what a cache may know them by. Items 0 and 6 stand beside it there. */
  readonly digest: string;

  constructor(readonly items: ContextItems) {
    const { purpose, store, name, tenant, audience } = items;
    const values = [purpose, store, name, tenant, audience].map((text) => Buffer.from(text));
    this.middle = Buffer.concat(values.flatMap((value, i) => [itemHead(i + 1, value.length), value]));
    this.digest = createHash('sha256').update(this.middle).digest('binary');
  }

  /** The whole context for one header (5 bytes) and one row (its key, or {@link NO_ROW}). */
  encode(header: Uint8Array, row: Uint8Array): Buffer {
    const bytes = Buffer.allocUnsafe(3 + HEADER_LENGTH + this.middle.length + 3 + row.length);
    bytes.writeUIntBE(HEADER_LENGTH, 0, 3);
    bytes.set(header, 3);
    bytes.set(this.middle, 3 + HEADER_LENGTH);
    const at = 3 + HEADER_LENGTH + this.middle.length;
    bytes[at] = 6;
    bytes.writeUInt16BE(row.length, at + 1);
    bytes.set(row, at + 3);
    return bytes;
  }
}

function itemHead(type: number, length: number): Buffer {
  if (length > 0xffff) throw new RangeError(`a context item of ${length} bytes; at most 65535 fit`);
  return Buffer.of(type, length >> 8, length & 0xff);
}

/** The names that a sealed value is bound to. Both sides know them, so they are never sent. A value that is moved to
 *  another purpose, store, cookie, table, tenant or audience does not open there. */
export interface ContextItems {
  /** The use of the value: `session`, `successor`, … */
  readonly purpose: string;
  /** The kind of store that keeps the value: `cookie`, `postgres`, `memory`, … */
  readonly store: string;
  /** The cookie's effective name (`__Host-sid`, `sid`), or the table's name without its schema. */
  readonly name: string;
  /** `crypto.tenant`; empty if not configured. */
  readonly tenant: string;
  /** `crypto.audience`; empty if not configured. */
  readonly audience: string;
}

/** Bytes of the header that begins every envelope and reference token: version(1) ‖ key hint(4). */
export const HEADER_LENGTH = 5;
/** The row of a value that is not in a table: an empty item 6. */
export const NO_ROW = Buffer.alloc(0);

/** Bytes before an item's value: type(1) ‖ length(2). */
const ITEM_HEAD_LENGTH = 3;
const MAX_ITEM_LENGTH = 0xffff;

/** Encodes the context of sealed values. Seven items, all present even if empty, in this order:
 *
 *      0 header(5) · 1 purpose · 2 store · 3 name · 4 tenant · 5 audience · 6 row key
 *      each item:  type(1) ‖ length(2, big-endian) ‖ value
 *
 *  The length before each value makes the encoding injective: no two contexts have the same bytes. Item 0 binds version
 *  and key hint, so that neither can be changed in a sealed value. Items 1 to 5 are the same for all values of a profile
 *  and are encoded once. */
export class EnvelopeContext {
  /** Items 1 to 5, encoded. */
  private readonly fixedItems: Buffer;
  /** The last encoded context without a row. All values of a profile's cookies share it, until key or suite changes. */
  private rowless: Buffer | undefined;

  /** Throws a RangeError if an item has more than 65,535 bytes. The checks of the options allow far fewer. */
  constructor(
    readonly items: ContextItems,
    /** True if to open a value is a use of its key, which `RingKey.opens` counts. */
    readonly countsAsUse: boolean = true,
  ) {
    const { purpose, store, name, tenant, audience } = items;
    const values = [purpose, store, name, tenant, audience].map((text) => Buffer.from(text));
    this.fixedItems = Buffer.concat(values.flatMap((value, i) => [itemHead(i + 1, value.length), value]));
  }

  /** Returns the same context for values of our own tools: to open one does not count, so that the counts tell of visitors alone. */
  uncounted(): EnvelopeContext {
    return new EnvelopeContext(this.items, false);
  }

  /** Returns the encoded context for the header in the first 5 bytes of `header`, and one row (its 32-byte key, or
   *  {@link NO_ROW}). Nobody may change the result. */
  encode(header: Uint8Array, row: Uint8Array): Buffer {
    if (row.length) return this.build(header, row);
    const { rowless } = this;
    if (rowless && hasHeader(rowless, header)) return rowless;
    return (this.rowless = this.build(header, row));
  }

  private build(header: Uint8Array, row: Uint8Array): Buffer {
    const fixedAt = ITEM_HEAD_LENGTH + HEADER_LENGTH;
    const rowAt = fixedAt + this.fixedItems.length;
    const bytes = Buffer.allocUnsafe(rowAt + ITEM_HEAD_LENGTH + row.length);
    bytes.writeUIntBE(HEADER_LENGTH, 0, ITEM_HEAD_LENGTH); // type 0 and length 5 in one write
    for (let i = 0; i < HEADER_LENGTH; i++) bytes[ITEM_HEAD_LENGTH + i] = header[i]!;
    bytes.set(this.fixedItems, fixedAt);
    bytes[rowAt] = 6;
    bytes.writeUInt16BE(row.length, rowAt + 1);
    bytes.set(row, rowAt + ITEM_HEAD_LENGTH);
    return bytes;
  }
}

/** Writes the header that begins an envelope and a reference token: version(1) ‖ key hint(4, big-endian). */
export function writeHeader(bytes: Buffer, version: number, hint: number): void {
  bytes[0] = version;
  bytes.writeUInt32BE(hint, 1);
}

function hasHeader(encoded: Uint8Array, header: Uint8Array): boolean {
  for (let i = 0; i < HEADER_LENGTH; i++) if (encoded[ITEM_HEAD_LENGTH + i] !== header[i]) return false;
  return true;
}

function itemHead(type: number, length: number): Buffer {
  if (length > MAX_ITEM_LENGTH)
    throw new RangeError(`a context item has ${length} bytes; at most ${MAX_ITEM_LENGTH} are allowed`);
  return Buffer.of(type, length >> 8, length & 0xff);
}

import type { NativeMemory } from './native-memory.js';
import type { Pointer } from './nss-library.js';

/** A SECItem of seccomon.h, the struct in which NSS takes bytes: type, address, length. It is made once for one place in
 *  native memory; only its length changes between calls. */
export class SecItem {
  readonly pointer: Pointer;
  readonly #length: Uint32Array;

  constructor(memory: NativeMemory, data: Pointer | null, length: number) {
    const { koffi } = memory;
    const type = koffi.struct({ type: 'int', data: 'void *', len: 'uint' });
    const { pointer, bytes } = memory.struct(type, { type: 0, data, len: length });
    this.pointer = pointer;
    this.#length = new Uint32Array(bytes.buffer, bytes.byteOffset + koffi.offsetof(type, 'len'), 1);
  }

  /** Bytes that NSS may read or write at the item's address. */
  set length(length: number) {
    this.#length[0] = length;
  }
}

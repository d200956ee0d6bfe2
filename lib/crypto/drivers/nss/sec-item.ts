import type { NativeMemory } from './native-memory.js';
import type { Pointer } from './nss-library.js';

/** SECItem of seccomon.h: how NSS is told of bytes. Made once; only the length changes from call to call. */
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

  set length(length: number) {
    this.#length[0] = length;
  }
}

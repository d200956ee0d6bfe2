import type { TypeObject } from 'koffi';
import type { KoffiModule, Pointer } from './nss-library.js';

/** Bytes of native memory: their address for NSS, and a view of them for us. */
export interface Region {
  readonly pointer: Pointer;
  readonly bytes: Buffer;
}

/** Enough for every struct of NSS. */
const ALIGNMENT = 16;

/** Throws a TypeError if `value` is not bytes. Copying a text into native memory would write zeros, and the driver would
 *  then work with a key of zeros. */
export function assertBytes(value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError('driver "nss" takes bytes as a Uint8Array');
}

/** A block of native memory for everything that NSS reads through pointers. It never moves, unlike the garbage
 *  collector's memory, and lasts until {@link free}. Pieces are handed out one after the other and never returned. */
export class NativeMemory {
  private readonly block: Region;
  private used = 0;

  constructor(
    readonly koffi: KoffiModule,
    size: number,
  ) {
    const pointer = koffi.alloc('uint8_t', size) as Pointer;
    this.block = { pointer, bytes: Buffer.from(koffi.view(pointer, size)).fill(0) };
  }

  /** Returns the next `length` bytes of the block, which are zero. Throws a RangeError if the block is used up. */
  take(length: number): Region {
    const { pointer, bytes } = this.block;
    const at = this.used;
    if (at + length > bytes.length) throw new RangeError('the block is used up');
    this.used = Math.ceil((at + length) / ALIGNMENT) * ALIGNMENT;
    return { pointer: pointer + BigInt(at), bytes: bytes.subarray(at, at + length) };
  }

  /** Writes a struct with these values into the block and returns its place. */
  struct(type: TypeObject, values: object): Region {
    const region = this.take(this.koffi.sizeof(type));
    this.koffi.encode(region.pointer, type, values);
    return region;
  }

  /** Wipes and frees the block. No piece of it may be used afterwards. */
  free(): void {
    this.block.bytes.fill(0);
    this.koffi.free(this.block.pointer);
  }
}

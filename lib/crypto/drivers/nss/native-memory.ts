import type { TypeObject } from 'koffi';
import type { KoffiModule, Pointer } from './nss-library.js';

/** Bytes outside of JavaScript, and where NSS finds them. */
export interface Region {
  readonly pointer: Pointer;
  readonly bytes: Buffer;
}

const ALIGNMENT = 16;

/** A TypeError for all that is no bytes: copied into a block, a text would be zeros, and zeros a key. */
export function refuseUnlessBytes(value: unknown): void {
  if (!(value instanceof Uint8Array)) throw new TypeError('driver "nss" takes bytes as a Uint8Array');
}

/** A block of memory that never moves and lasts until {@link free}, for what NSS reads through pointers. */
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

  /** The next `length` bytes of the block. */
  take(length: number): Region {
    const { pointer, bytes } = this.block;
    const at = this.used;
    if (at + length > bytes.length) throw new RangeError('the block is used up');
    this.used = Math.ceil((at + length) / ALIGNMENT) * ALIGNMENT;
    return { pointer: pointer + BigInt(at), bytes: bytes.subarray(at, at + length) };
  }

  /** A struct of these values, where it will stay. */
  struct(type: TypeObject, values: object): Region {
    const region = this.take(this.koffi.sizeof(type));
    this.koffi.encode(region.pointer, type, values);
    return region;
  }

  /** Wipes the block and gives it back: nothing of it may be used afterwards. */
  free(): void {
    this.block.bytes.fill(0);
    this.koffi.free(this.block.pointer);
  }
}

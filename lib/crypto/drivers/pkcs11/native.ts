/** The part of the optional peer koffi that we use; addresses are bigints. */
export interface Koffi {
  load(library: string): NativeLibrary;
  proto(result: string, args: readonly string[]): object;
  decode(address: bigint, type: object | string): unknown;
  alloc(type: string, length: number): bigint;
  view(address: bigint, bytes: number): ArrayBuffer;
}

export interface NativeLibrary {
  func(name: string, result: string, args: readonly string[]): NativeFunction;
}

/** Buffers and addresses stand for pointers, `null` for the null pointer. */
export type NativeArgument = number | bigint | Uint8Array | null;
export type NativeFunction = (...args: NativeArgument[]) => number | bigint;

/** A block of memory that does not move, for the structures that a library reads and writes: words of 8 bytes in the
 *  machine's own order, and the same memory as bytes. */
export class NativeMemory {
  readonly bytes: Buffer;
  private readonly words: BigUint64Array;
  private readonly base: bigint;

  constructor(koffi: Koffi, size: number) {
    this.base = koffi.alloc('uint8_t', size);
    const memory = koffi.view(this.base, size);
    this.bytes = Buffer.from(memory);
    this.words = new BigUint64Array(memory);
    this.bytes.fill(0);
  }

  /** Address of the byte at `offset`. */
  at(offset: number): bigint {
    return this.base + BigInt(offset);
  }

  /** The word at `offset`, a multiple of 8. */
  word(offset: number): bigint {
    return this.words[offset / 8]!;
  }

  /** Writes words from `offset` on. */
  write(offset: number, ...values: readonly (number | bigint)[]): void {
    for (const [i, value] of values.entries()) this.words[offset / 8 + i] = BigInt(value);
  }
}

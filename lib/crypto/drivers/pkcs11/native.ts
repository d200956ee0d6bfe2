// Native memory and native functions, through the optional peer koffi.

/** The part of koffi that we use. Addresses are bigints. */
export interface Koffi {
  load(library: string): NativeLibrary;
  proto(result: string, args: readonly string[]): object;
  decode(address: bigint, type: object | string): unknown;
  alloc(type: string, length: number): bigint;
  view(address: bigint, bytes: number): ArrayBuffer;
}

/** A loaded native library. */
export interface NativeLibrary {
  /** Binds a function. Throws if the library does not export it. */
  func(name: string, result: string, args: readonly string[]): NativeFunction;
}

/** An argument of a native function. A buffer or an address is passed as a pointer, and `null` as the null pointer. */
export type NativeArgument = number | bigint | Uint8Array | null;
/** A bound native function; the result is a CK_RV. */
export type NativeFunction = (...args: NativeArgument[]) => number | bigint;

/** A block of native memory, which never moves, for the structs that a library reads and writes. It can be used as words of
 *  8 bytes in the machine's byte order, or as bytes. */
export class NativeMemory {
  /** The whole block. */
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

  /** Returns the address of the byte at `offset`. */
  at(offset: number): bigint {
    return this.base + BigInt(offset);
  }

  /** Returns the word at `offset`, a multiple of 8. */
  word(offset: number): bigint {
    return this.words[offset / 8]!;
  }

  /** Writes words from `offset` on. */
  write(offset: number, ...values: readonly (number | bigint)[]): void {
    for (const [i, value] of values.entries()) this.words[offset / 8 + i] = BigInt(value);
  }
}

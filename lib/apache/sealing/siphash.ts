import { inspect } from 'node:util';

/** Bytes of a SipHash key. */
export const SIPHASH_KEY_LENGTH = 16;

/** Bytes of a SipHash tag. */
export const SIPHASH_LENGTH = 8;

/** A SipHash-2-4 key (Aumasson and Bernstein 2012), the MAC of mod_session_crypto. Only this object holds the words of the
 *  key, and it never shows them. */
export class SipHashKey {
  readonly #words = new Int32Array(4);

  /** Copies 16 bytes: k0 ‖ k1, both little-endian. The caller wipes its own bytes. Throws a RangeError for any other
   *  length. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== SIPHASH_KEY_LENGTH)
      throw new RangeError(`A SipHash key has ${SIPHASH_KEY_LENGTH} bytes, not ${bytes.length}`);
    for (let i = 0; i < 4; i++) this.#words[i] = wordAt(bytes, 4 * i);
  }

  /** Returns the 8 bytes of the tag, little-endian, over `bytes` from `start` to the end. */
  tag(bytes: Uint8Array, start = 0): Buffer {
    sipHash(this.#words, bytes, start);
    const tag = Buffer.allocUnsafe(SIPHASH_LENGTH);
    tag.writeInt32LE(digest[0]!, 0);
    tag.writeInt32LE(digest[1]!, 4);
    return tag;
  }

  /** True if `bytes` is tag(8) ‖ message under this key. It compares in constant time and allocates nothing. */
  verifies(bytes: Uint8Array): boolean {
    if (bytes.length < SIPHASH_LENGTH) return false;
    sipHash(this.#words, bytes, SIPHASH_LENGTH);
    return ((digest[0]! ^ wordAt(bytes, 0)) | (digest[1]! ^ wordAt(bytes, 4))) === 0;
  }

  [inspect.custom](): string {
    return 'SipHashKey {}';
  }
}

/** The result of the last {@link sipHash}, low half first. Returning it would allocate. */
const digest = new Int32Array(2);

/** The last message block of the current {@link sipHash}, low half first. */
const lastBlock = new Int32Array(2);

/** Reads 32 bits, little-endian. A DataView would cost an allocation for each message. */
const wordAt = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** Returns the carry of the 32-bit addition `sum = a + b`: 0 or 1. */
const carry = (a: number, b: number, sum: number): number => ((a & b) | ((a | b) & ~sum)) >>> 31;

/** Fills {@link lastBlock} with the bytes from `at` to the end, zeros, and the low byte of the message's length. */
function readLastBlock(bytes: Uint8Array, at: number, length: number): void {
  let [low, high] = [0, length << 24];
  for (let i = at; i < bytes.length; i++)
    if (i < at + 4) low |= bytes[i]! << (8 * (i - at));
    else high |= bytes[i]! << (8 * (i - at - 4));
  lastBlock[0] = low;
  lastBlock[1] = high;
}

/** Computes SipHash-2-4 of `bytes` from `start` to the end and leaves the result in {@link digest}.
 *
 *  A 64-bit word is a pair of 32-bit halves (h, l) in local variables; BigInt takes seventy times as long. The round is
 *  written inline for the same reason: a function over a typed array takes 1.5 times as long. So that it is written only
 *  once, the four final rounds run as one more block with a zero message. */
function sipHash(key: Int32Array, bytes: Uint8Array, start: number): void {
  let v0h = key[1]! ^ 0x736f6d65;
  let v0l = key[0]! ^ 0x70736575;
  let v1h = key[3]! ^ 0x646f7261;
  let v1l = key[2]! ^ 0x6e646f6d;
  let v2h = key[1]! ^ 0x6c796765;
  let v2l = key[0]! ^ 0x6e657261;
  let v3h = key[3]! ^ 0x74656462;
  let v3l = key[2]! ^ 0x79746573;
  const length = bytes.length - start;
  const blocks = length >>> 3;
  readLastBlock(bytes, start + 8 * blocks, length);

  for (let block = 0; block < blocks + 2; block++) {
    let mh = 0;
    let ml = 0;
    let rounds = 2;
    if (block < blocks) {
      ml = wordAt(bytes, start + 8 * block);
      mh = wordAt(bytes, start + 8 * block + 4);
    } else if (block === blocks) {
      ml = lastBlock[0]!;
      mh = lastBlock[1]!;
    } else {
      v2l ^= 0xff;
      rounds = 4;
    }
    v3h ^= mh;
    v3l ^= ml;
    for (; rounds; rounds--) {
      let l = (v0l + v1l) | 0; // v0 += v1
      v0h = (v0h + v1h + carry(v0l, v1l, l)) | 0;
      v0l = l;
      l = (v2l + v3l) | 0; // v2 += v3
      v2h = (v2h + v3h + carry(v2l, v3l, l)) | 0;
      v2l = l;
      let h = (v1h << 13) | (v1l >>> 19); // v1 = rotl(v1, 13) ^ v0
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = h ^ v0h;
      h = (v3h << 16) | (v3l >>> 16); // v3 = rotl(v3, 16) ^ v2
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = h ^ v2h;
      h = v0h; // v0 = rotl(v0, 32)
      v0h = v0l;
      v0l = h;
      l = (v2l + v1l) | 0; // v2 += v1
      v2h = (v2h + v1h + carry(v2l, v1l, l)) | 0;
      v2l = l;
      l = (v0l + v3l) | 0; // v0 += v3
      v0h = (v0h + v3h + carry(v0l, v3l, l)) | 0;
      v0l = l;
      h = (v1h << 17) | (v1l >>> 15); // v1 = rotl(v1, 17) ^ v2
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = h ^ v2h;
      h = (v3h << 21) | (v3l >>> 11); // v3 = rotl(v3, 21) ^ v0
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = h ^ v0h;
      h = v2h; // v2 = rotl(v2, 32)
      v2h = v2l;
      v2l = h;
    }
    v0h ^= mh;
    v0l ^= ml;
  }
  digest[0] = v0l ^ v1l ^ v2l ^ v3l;
  digest[1] = v0h ^ v1h ^ v2h ^ v3h;
}

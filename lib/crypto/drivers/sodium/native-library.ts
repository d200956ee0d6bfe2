import { TAG_LENGTH } from '../../suites.js';
import type { SodiumLibrary } from './sodium-library.interface.js';

/** What is used of sodium-native. Its functions throw on wrong sizes, and `…_decrypt` on a wrong tag. */
export interface SodiumNative {
  crypto_hash_sha512(out: Buffer, input: Buffer): void;
  // prettier-ignore
  crypto_aead_chacha20poly1305_ietf_encrypt(
    out: Buffer, text: Uint8Array, aad: null, unused: null, nonce: Uint8Array, key: Uint8Array,
  ): number;
  // prettier-ignore
  crypto_aead_chacha20poly1305_ietf_decrypt(
    out: Buffer, unused: null, sealed: Uint8Array, aad: null, nonce: Uint8Array, key: Uint8Array,
  ): number;
}

const BLOCK = 128;
const HASH = 64;
const INNER_AT = BLOCK + HASH;
const SCRATCH_LENGTH = 1024;

/** libsodium as a native addon. */
export class NativeLibrary implements SodiumLibrary {
  /** Wiped after each use; a longer one is made where it is needed. */
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_LENGTH);

  constructor(private readonly sodium: SodiumNative) {}

  /** From whole hashes, since the addon has no HMAC-SHA-512 (RFC 5869 §2.3, RFC 2104 §2):
   *
   *      T(i) = H(key ⊕ opad ‖ H(key ⊕ ipad ‖ T(i-1) ‖ info ‖ i))
   *
   *  In scratch: outer block(128) ‖ inner hash(64) ‖ inner block(128) ‖ T(i-1)(64, none at first) ‖ info ‖ i */
  expand(key: Uint8Array, info: Uint8Array, length: number): Buffer {
    const room = INNER_AT + BLOCK + HASH + info.length + 1;
    const scratch = room > SCRATCH_LENGTH ? Buffer.allocUnsafeSlow(room) : this.scratch;
    const out = Buffer.allocUnsafeSlow(Math.ceil(length / HASH) * HASH);
    padKey(scratch, 0, key, 0x5c);
    padKey(scratch, INNER_AT, key, 0x36);
    for (let at = 0; at < length; at += HASH) {
      const previous = at ? out.subarray(at - HASH, at) : NONE;
      const end = append(scratch, INNER_AT + BLOCK, previous, info, at / HASH + 1);
      this.sodium.crypto_hash_sha512(scratch.subarray(BLOCK, INNER_AT), scratch.subarray(INNER_AT, end));
      this.sodium.crypto_hash_sha512(out.subarray(at, at + HASH), scratch.subarray(0, INNER_AT));
    }
    scratch.fill(0, 0, room);
    out.fill(0, length);
    return out.subarray(0, length);
  }

  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
    const out = Buffer.allocUnsafe(plaintext.length + TAG_LENGTH); // nothing secret: it may lie in Node's pool
    this.sodium.crypto_aead_chacha20poly1305_ietf_encrypt(out, plaintext, null, null, nonce, key);
    return out;
  }

  /** All sizes are right, so that only a wrong tag is left to throw. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
    const out = Buffer.allocUnsafeSlow(sealed.length - TAG_LENGTH);
    try {
      this.sodium.crypto_aead_chacha20poly1305_ietf_decrypt(out, null, sealed, null, nonce, key);
      return out;
    } catch {
      out.fill(0);
      return undefined;
    }
  }
}

const NONE = Buffer.alloc(0);

/** The key filled up to a block, XORed with `pad`. */
function padKey(scratch: Buffer, at: number, key: Uint8Array, pad: number): void {
  scratch.fill(pad, at, at + BLOCK);
  for (let i = 0; i < key.length; i++) scratch[at + i]! ^= key[i]!;
}

/** previous ‖ info ‖ counter(1), written from `at` on: where it ends. */
function append(scratch: Buffer, at: number, previous: Buffer, info: Uint8Array, counter: number): number {
  scratch.set(previous, at);
  scratch.set(info, at + previous.length);
  const end = at + previous.length + info.length;
  scratch[end] = counter;
  return end + 1;
}

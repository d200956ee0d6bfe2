import { TAG_LENGTH } from '../../suites.js';
import type { SodiumLibrary } from './sodium-library.interface.js';

/** The functions of sodium-native that we use. They throw if a size is wrong, and `…_decrypt` throws if the tag is. */
export interface SodiumNative {
  crypto_hash_sha512(out: Buffer, input: Buffer): void;
  // prettier-ignore
  crypto_aead_chacha20poly1305_ietf_encrypt(
    out: Buffer, text: Uint8Array, aad: Uint8Array | null, unused: null, nonce: Uint8Array, key: Uint8Array,
  ): number;
  // prettier-ignore
  crypto_aead_chacha20poly1305_ietf_decrypt(
    out: Buffer, unused: null, sealed: Uint8Array, aad: Uint8Array | null, nonce: Uint8Array, key: Uint8Array,
  ): number;
}

/** Bytes of SHA-512's block and of its hash. */
const BLOCK = 128;
const HASH = 64;
/** Offset of the inner block in the scratch buffer. */
const INNER_AT = BLOCK + HASH;
const SCRATCH_LENGTH = 1024;

/** libsodium as a native addon (package sodium-native). */
export class NativeLibrary implements SodiumLibrary {
  /** Holds keys and blocks during an expansion and is wiped after it. A longer info gets a buffer of its own. */
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_LENGTH);

  constructor(private readonly sodium: SodiumNative) {}

  /** Builds HKDF-Expand (RFC 5869 §2.3) and HMAC (RFC 2104 §2) from plain hashes, since the addon has no HMAC-SHA-512:
   *
   *      T(i)    = H(key ⊕ opad ‖ H(key ⊕ ipad ‖ T(i-1) ‖ info ‖ i))
   *      scratch = key ⊕ opad (128) ‖ inner hash (64) ‖ key ⊕ ipad (128) ‖ T(i-1) (64, absent at first) ‖ info ‖ i (1)
   *
   *  The outer hash thus reads the first 192 bytes of scratch, and the inner hash everything behind them. */
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

  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, data: Uint8Array): Buffer {
    const out = Buffer.allocUnsafe(plaintext.length + TAG_LENGTH); // not secret, so it may be in Node's shared pool
    this.sodium.crypto_aead_chacha20poly1305_ietf_encrypt(out, plaintext, orNull(data), null, nonce, key);
    return out;
  }

  /** The driver has checked all sizes, so an error can only mean a wrong tag. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, data: Uint8Array): Buffer | undefined {
    const out = Buffer.allocUnsafeSlow(sealed.length - TAG_LENGTH);
    try {
      this.sodium.crypto_aead_chacha20poly1305_ietf_decrypt(out, null, sealed, orNull(data), nonce, key);
      return out;
    } catch {
      out.fill(0);
      return undefined;
    }
  }
}

const NONE = Buffer.alloc(0);
/** The addon takes no empty buffer as additional data. */
const orNull = (data: Uint8Array): Uint8Array | null => (data.length ? data : null);

/** Writes the key, filled up to a block with zeros and XORed with `pad` (RFC 2104 §2). */
function padKey(scratch: Buffer, at: number, key: Uint8Array, pad: number): void {
  scratch.fill(pad, at, at + BLOCK);
  for (let i = 0; i < key.length; i++) scratch[at + i]! ^= key[i]!;
}

/** Writes previous ‖ info ‖ counter(1) from `at` on. Returns the offset behind it. */
function append(scratch: Buffer, at: number, previous: Buffer, info: Uint8Array, counter: number): number {
  scratch.set(previous, at);
  scratch.set(info, at + previous.length);
  const end = at + previous.length + info.length;
  scratch[end] = counter;
  return end + 1;
}

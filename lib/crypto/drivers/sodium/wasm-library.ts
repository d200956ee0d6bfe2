import { NONCE_LENGTH, TAG_LENGTH } from '../../suites.js';
import type { SodiumLibrary } from './sodium-library.interface.js';

/** The WebAssembly module inside libsodium-wrappers: C functions that take addresses in its memory. A 64-bit length is
 *  passed as two numbers, low and high. */
export interface SodiumModule {
  /** The module's whole memory. It becomes another array whenever the memory grows, so read it after each allocation. */
  readonly HEAPU8: Uint8Array;
  _malloc(length: number): number;
  _free(at: number): void;
  _crypto_kdf_hkdf_sha512_expand(
    out: number,
    length: number,
    info: number,
    infoLength: number,
    key: number,
  ): number;
  // prettier-ignore
  _crypto_aead_chacha20poly1305_ietf_encrypt(
    out: number, outLength: number, text: number, low: number, high: number,
    aad: number, aadLow: number, aadHigh: number, unused: number, nonce: number, key: number,
  ): number;
  // prettier-ignore
  _crypto_aead_chacha20poly1305_ietf_decrypt(
    out: number, outLength: number, unused: number, sealed: number, low: number, high: number,
    aad: number, aadLow: number, aadHigh: number, nonce: number, key: number,
  ): number;
}

/** Bytes of the pseudorandom key that libsodium's HKDF reads. HMAC pads a shorter key with zeros (RFC 2104 §2), so we do
 *  the same. */
const PRK_LENGTH = 64;
const CHACHA_KEY_LENGTH = 32;
/** Offset of the additional data, behind key and nonce. */
const DATA_AT = CHACHA_KEY_LENGTH + NONCE_LENGTH;
const CHACHA_BLOCK = 64;

/** libsodium as WebAssembly (package libsodium-wrappers). All code of the process can read the module's memory. Each call
 *  therefore allocates a piece, wipes it and frees it: between two calls the memory holds neither a key nor a plaintext. */
export class WasmLibrary implements SodiumLibrary {
  /** Address of a sample for {@link clearStack}: zero key(32) ‖ zero nonce(12) ‖ one sealed zero byte(17) ‖ output(1). */
  private readonly blank: number;

  constructor(private readonly sodium: SodiumModule) {
    const room = DATA_AT + 1 + TAG_LENGTH + 1;
    this.blank = this.borrow(room);
    sodium.HEAPU8.fill(0, this.blank, this.blank + room);
    const [text, nonce] = [this.blank + DATA_AT, this.blank + CHACHA_KEY_LENGTH];
    sodium._crypto_aead_chacha20poly1305_ietf_encrypt(text, 0, text, 1, 0, 0, 0, 0, 0, nonce, this.blank);
  }

  /** Memory of the call: key(64) ‖ info ‖ output */
  expand(key: Uint8Array, info: Uint8Array, length: number): Buffer {
    const outAt = PRK_LENGTH + info.length;
    const at = this.borrow(outAt + length);
    try {
      this.load(at, key);
      this.sodium.HEAPU8.fill(0, at + key.length, at + PRK_LENGTH);
      this.load(at + PRK_LENGTH, info);
      this.sodium._crypto_kdf_hkdf_sha512_expand(at + outAt, length, at + PRK_LENGTH, info.length, at);
      return this.copy(at + outAt, length);
    } finally {
      this.giveBack(at, outAt + length);
    }
  }

  /** Memory of the call: key(32) ‖ nonce(12) ‖ data ‖ plaintext, which is replaced in place by ciphertext ‖ tag(16) */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, data: Uint8Array): Buffer {
    const { length } = plaintext;
    const room = DATA_AT + data.length + length + TAG_LENGTH;
    const at = this.borrow(room);
    const dataAt = at + DATA_AT;
    const text = dataAt + data.length;
    try {
      this.loadMessage(at, key, nonce, data, plaintext);
      const { _crypto_aead_chacha20poly1305_ietf_encrypt: encrypt } = this.sodium;
      encrypt(text, 0, text, length, 0, dataAt, data.length, 0, 0, at + CHACHA_KEY_LENGTH, at);
      return Buffer.from(this.sodium.HEAPU8.subarray(text, at + room)); // not secret, so it may be in Node's pool
    } finally {
      this.giveBack(at, room);
    }
  }

  /** Memory of the call: key(32) ‖ nonce(12) ‖ data ‖ ciphertext ‖ tag(16), which is replaced in place by the plaintext */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, data: Uint8Array): Buffer | undefined {
    const { length } = sealed;
    const room = DATA_AT + data.length + length;
    const at = this.borrow(room);
    const dataAt = at + DATA_AT;
    const text = dataAt + data.length;
    try {
      this.loadMessage(at, key, nonce, data, sealed);
      const { _crypto_aead_chacha20poly1305_ietf_decrypt: decrypt } = this.sodium;
      const failed = decrypt(text, 0, 0, text, length, 0, dataAt, data.length, 0, at + CHACHA_KEY_LENGTH, at);
      if ((length - TAG_LENGTH) % CHACHA_BLOCK) this.clearStack();
      return failed ? undefined : this.copy(text, length - TAG_LENGTH);
    } finally {
      this.giveBack(at, room);
    }
  }

  /** Overwrites the last, partial block of a plaintext, which libsodium leaves on its stack: decrypting the sample runs the
   *  same code at the same depth and leaves zeros there. */
  private clearStack(): void {
    const [sealed, nonce] = [this.blank + DATA_AT, this.blank + CHACHA_KEY_LENGTH];
    const length = 1 + TAG_LENGTH;
    const { _crypto_aead_chacha20poly1305_ietf_decrypt: decrypt } = this.sodium;
    decrypt(sealed + length, 0, 0, sealed, length, 0, 0, 0, 0, nonce, this.blank);
  }

  /** Allocates memory that {@link giveBack} must free. Throws a RangeError if there is none. */
  private borrow(length: number): number {
    const at = this.sodium._malloc(length);
    if (!at) throw new RangeError(`libsodium has no memory left for ${length} bytes`);
    return at;
  }

  /** Wipes memory and frees it. */
  private giveBack(at: number, length: number): void {
    this.sodium.HEAPU8.fill(0, at, at + length);
    this.sodium._free(at);
  }

  private loadMessage(
    at: number,
    key: Uint8Array,
    nonce: Uint8Array,
    data: Uint8Array,
    message: Uint8Array,
  ): void {
    this.load(at, key);
    this.load(at + CHACHA_KEY_LENGTH, nonce);
    this.load(at + DATA_AT, data);
    this.load(at + DATA_AT + data.length, message);
  }

  private load(at: number, bytes: Uint8Array): void {
    this.sodium.HEAPU8.set(bytes, at);
  }

  /** Returns a copy outside Node's shared pool, since it may be secret. */
  private copy(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    bytes.set(this.sodium.HEAPU8.subarray(at, at + length));
    return bytes;
  }
}

import type { CryptoDriver, KeyHandle } from '../../crypto-driver.interface.js';
import { NO_DATA, NONCE_LENGTH, SUITES, TAG_LENGTH, type Suite } from '../../suites.js';
import { KeyVault } from './key-vault.js';
import { AEAD, HMAC, type CipherUse } from './mechanisms.js';
import { NativeMemory } from './native-memory.js';
import { NssCbc } from './nss-cbc.js';
import { NssCipher } from './nss-cipher.js';
import { NssHkdf } from './nss-hkdf.js';
import type { NssKey } from './nss-key.js';
import { requirePointer, type NssLibrary, type Pointer } from './nss-library.js';

/** Bytes of native memory for parameters and for a key in transit. */
const MEMORY = 1024;

/** Mozilla's Network Security Services, the library behind httpd's nss driver. All work is done in its internal slot, in
 *  software, and synchronously.
 *
 *  NSS reads and writes as many bytes as it is told to, so every length is checked before a call. */
export class NssDriver implements CryptoDriver {
  readonly name = 'nss';
  readonly ciphers: readonly string[];
  readonly cbc: NssCbc;
  readonly #vault: KeyVault;
  readonly #cipher: NssCipher;
  readonly #hkdf: NssHkdf;

  /** `library` must have been initialised. */
  constructor(library: NssLibrary) {
    const memory = new NativeMemory(library.koffi, MEMORY);
    const slot = requirePointer(library.nss, library.nss.PK11_GetInternalSlot(), 'find its internal slot');
    this.ciphers = ciphersOf(library, slot);
    this.#cipher = new NssCipher(library, memory);
    this.#vault = new KeyVault(library, slot, memory);
    this.#hkdf = new NssHkdf(library);
    this.cbc = new NssCbc(this.#vault, this.#cipher);
  }

  importKey(bytes: Uint8Array): NssKey {
    return this.#vault.keep(bytes);
  }

  expand(key: KeyHandle, info: Uint8Array, length: number): Buffer {
    return this.#hkdf.expand(this.#vault.resident(key, HMAC), info, length);
  }

  seal(
    suite: Suite,
    key: KeyHandle,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Buffer {
    const use = this.useOf(suite, key, nonce);
    this.#cipher.setData(additionalData);
    const out = Buffer.allocUnsafe(plaintext.length + TAG_LENGTH);
    this.#vault.withKey(key, use, (at) => this.#cipher.encrypt(at, use, nonce, plaintext, out));
    return out;
  }

  open(
    suite: Suite,
    key: KeyHandle,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Buffer | undefined {
    const use = this.useOf(suite, key, nonce);
    if (sealed.length < TAG_LENGTH) return undefined;
    this.#cipher.setData(additionalData);
    const out = Buffer.allocUnsafeSlow(sealed.length); // longer than the plaintext, so never empty: see NssCipher.decrypt
    const length = this.#vault.withKey(key, use, (at) => this.#cipher.decrypt(at, use, nonce, sealed, out));
    return length === undefined ? undefined : out.subarray(0, length);
  }

  /** Takes all keys out of NSS. NSS itself stays initialised, since other code in the process may use it. */
  close(): void {
    this.#vault.close();
  }

  /** Returns the mechanism of a suite. Throws a RangeError if key or nonce has the wrong length. */
  private useOf(suite: Suite, key: KeyHandle, nonce: Uint8Array): CipherUse {
    const use = AEAD.get(suite.cipher);
    if (!use) throw new RangeError(`driver "nss" has no ${suite.cipher}`);
    if (this.#vault.lengthOf(key) !== suite.keyLength || nonce.length !== NONCE_LENGTH)
      throw new RangeError(
        `${suite.cipher} takes a key of ${suite.keyLength} bytes and a nonce of ${NONCE_LENGTH}`,
      );
    return use;
  }
}

/** Returns the names of the suites whose mechanism this NSS has. */
function ciphersOf({ nss }: NssLibrary, slot: Pointer): string[] {
  const names = SUITES.map(({ cipher }) => cipher);
  return names.filter((name) => {
    const use = AEAD.get(name);
    return use && nss.PK11_DoesMechanism(slot, use.mechanism);
  });
}

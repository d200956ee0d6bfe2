import type { webcrypto } from 'node:crypto';
import type { CryptoDriver, KeyUse } from '../../crypto-driver.interface.js';
import { ownCopy } from '../../secret.js';
import { NO_DATA, TAG_LENGTH, type Suite } from '../../suites.js';

/** The driver's key handle. A CryptoKey serves one algorithm only, so a key for every use becomes two of them. Neither is
 *  extractable. */
export interface WebcryptoKey {
  /** For `expand`; `undefined` if the key was imported for sealing only. */
  readonly mac: webcrypto.CryptoKey | undefined;
  /** For `seal` and `open`; `undefined` if the key was imported for `expand` only, or if its length is not an AES key's. */
  readonly cipher: webcrypto.CryptoKey | undefined;
}

const HASH_LENGTH = 64;
const MAX_OUTPUT = 255 * HASH_LENGTH;
const HMAC = { name: 'HMAC', hash: 'SHA-512' };
const AES_KEY_LENGTHS = [16, 32];

/** The AES-GCM suites through `crypto.subtle`, for runtimes that have no other cryptography. Asynchronous: every input is
 *  copied before the first await, so that the caller may wipe it at once. The copies are wiped when the call settles. */
export class WebcryptoDriver implements CryptoDriver {
  readonly name = 'webcrypto';
  readonly version = process.versions.openssl;
  readonly ciphers = ['aes256', 'aes128'];
  readonly #subtle: webcrypto.SubtleCrypto;

  constructor(subtle: webcrypto.SubtleCrypto = globalThis.crypto.subtle) {
    this.#subtle = subtle;
  }

  importKey(bytes: Uint8Array, use?: KeyUse): Promise<WebcryptoKey> {
    return withCopy(bytes, async (own) => {
      const [mac, cipher] = await Promise.all([
        use === 'seal' ? undefined : this.#subtle.importKey('raw', own, HMAC, false, ['sign']),
        use === 'expand' || !AES_KEY_LENGTHS.includes(own.length)
          ? undefined
          : this.#subtle.importKey('raw', own, 'AES-GCM', false, ['encrypt', 'decrypt']),
      ]);
      return { mac, cipher };
    });
  }

  /** HKDF-Expand by HMACs. `crypto.subtle` has HKDF too, but always with the extract step. */
  async expand({ mac }: WebcryptoKey, info: Uint8Array, length: number): Promise<Buffer> {
    if (!mac) throw new RangeError('the key was imported for "seal" and cannot expand');
    if (length > MAX_OUTPUT)
      throw new RangeError(`${length} bytes were requested; at most ${MAX_OUTPUT} can be expanded`);
    return wipedAfter(expandInput(info), async (input) => {
      const out = Buffer.allocUnsafeSlow(length);
      for (let at = 0; at < length; at += HASH_LENGTH) {
        input[input.length - 1] = at / HASH_LENGTH + 1;
        const message = at ? input : input.subarray(HASH_LENGTH);
        const block = new Uint8Array(await this.#subtle.sign('HMAC', mac, message));
        out.set(block.subarray(0, length - at), at);
        input.set(block);
        block.fill(0);
      }
      return out;
    });
  }

  async seal(
    suite: Suite,
    key: WebcryptoKey,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Promise<Buffer> {
    const cipher = cipherOf(key, suite);
    const algorithm = aesGcm(nonce, additionalData);
    return withCopy(plaintext, async (own) =>
      Buffer.from(await this.#subtle.encrypt(algorithm, cipher, own)),
    );
  }

  async open(
    suite: Suite,
    key: WebcryptoKey,
    nonce: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array = NO_DATA,
  ): Promise<Buffer | undefined> {
    const cipher = cipherOf(key, suite);
    const algorithm = aesGcm(nonce, additionalData);
    return withCopy(sealed, (own) =>
      this.#subtle.decrypt(algorithm, cipher, own).then((text) => Buffer.from(text), undefinedIfForged),
    );
  }
}

/** Returns the HMAC input of {@link WebcryptoDriver.expand}: T(i-1)(64) ‖ info ‖ counter(1), RFC 5869 §2.3. The first round
 *  begins at `info`. */
function expandInput(info: Uint8Array): Buffer {
  const input = Buffer.allocUnsafeSlow(HASH_LENGTH + info.length + 1);
  input.set(info, HASH_LENGTH);
  return input;
}

/** Returns the AES key of a handle. Throws a RangeError if its length does not fit the suite. */
function cipherOf({ cipher }: WebcryptoKey, { cipher: name, keyLength }: Suite): webcrypto.CryptoKey {
  const { length } = Object(cipher?.algorithm) as { length?: number };
  if (!cipher || length !== 8 * keyLength) throw new RangeError(`${name} needs a key of ${keyLength} bytes`);
  return cipher;
}

const aesGcm = (nonce: Uint8Array, additionalData: Uint8Array): webcrypto.AesGcmParams => ({
  name: 'AES-GCM',
  iv: new Uint8Array(nonce),
  additionalData: new Uint8Array(additionalData),
  tagLength: 8 * TAG_LENGTH,
});

const withCopy = <T>(bytes: Uint8Array, use: (own: Buffer) => Promise<T>): Promise<T> =>
  wipedAfter(ownCopy(bytes), use);

/** Returns the result of `use`, and wipes the bytes when it has settled. */
async function wipedAfter<T>(own: Buffer, use: (own: Buffer) => Promise<T>): Promise<T> {
  try {
    return await use(own);
  } finally {
    own.fill(0);
  }
}

/** Returns `undefined` for the error that means a wrong or missing tag (Web Cryptography API, AES-GCM, Decrypt). Throws any
 *  other error again. */
function undefinedIfForged(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'OperationError') return undefined;
  throw error;
}

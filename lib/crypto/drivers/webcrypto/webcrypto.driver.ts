import type { webcrypto } from 'node:crypto';
import type { CryptoDriver, KeyUse } from '../../crypto-driver.interface.js';
import { ownCopy } from '../../secret.js';
import { TAG_LENGTH, type Suite } from '../../suites.js';

/** One key as the two that Web Cryptography makes of it, neither of them extractable. */
export interface WebcryptoKey {
  /** For `expand`; absent where the key is for sealing only. */
  readonly mac: webcrypto.CryptoKey | undefined;
  /** For `seal` and `open`; absent where the key is for `expand` only, and where AES has no key of that length. */
  readonly cipher: webcrypto.CryptoKey | undefined;
}

const HASH_LENGTH = 64;
const MAX_OUTPUT = 255 * HASH_LENGTH;
const HMAC = { name: 'HMAC', hash: 'SHA-512' };
const AES_KEY_LENGTHS = [16, 32];

/** The suites that `crypto.subtle` has, for runtimes that have nothing else. Asynchronous: every input is copied before
 *  the first await, so that a caller may wipe it or use it again at once, and the copies are wiped afterwards. */
export class WebcryptoDriver implements CryptoDriver {
  readonly name = 'webcrypto';
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

  async expand({ mac }: WebcryptoKey, info: Uint8Array, length: number): Promise<Buffer> {
    if (!mac) throw new RangeError('a key that was imported for "seal" expands nothing');
    if (length > MAX_OUTPUT) throw new RangeError(`${length} bytes; at most ${MAX_OUTPUT} can be expanded`);
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

  async seal(suite: Suite, key: WebcryptoKey, nonce: Uint8Array, plaintext: Uint8Array): Promise<Buffer> {
    const cipher = cipherOf(key, suite);
    const algorithm = aesGcm(nonce);
    return withCopy(plaintext, async (own) =>
      Buffer.from(await this.#subtle.encrypt(algorithm, cipher, own)),
    );
  }

  async open(
    suite: Suite,
    key: WebcryptoKey,
    nonce: Uint8Array,
    sealed: Uint8Array,
  ): Promise<Buffer | undefined> {
    const cipher = cipherOf(key, suite);
    const algorithm = aesGcm(nonce);
    return withCopy(sealed, (own) =>
      this.#subtle.decrypt(algorithm, cipher, own).then((text) => Buffer.from(text), orForged),
    );
  }
}

/** previous block(64) ‖ info ‖ counter(1), of which the first turn leaves the block out (RFC 5869 §2.3). */
function expandInput(info: Uint8Array): Buffer {
  const input = Buffer.allocUnsafeSlow(HASH_LENGTH + info.length + 1);
  input.set(info, HASH_LENGTH);
  return input;
}

function cipherOf({ cipher }: WebcryptoKey, { cipher: name, keyLength }: Suite): webcrypto.CryptoKey {
  const { length } = Object(cipher?.algorithm) as { length?: number };
  if (!cipher || length !== 8 * keyLength) throw new RangeError(`${name} needs a key of ${keyLength} bytes`);
  return cipher;
}

const aesGcm = (nonce: Uint8Array): webcrypto.AesGcmParams => ({
  name: 'AES-GCM',
  iv: new Uint8Array(nonce),
  tagLength: 8 * TAG_LENGTH,
});

const withCopy = <T>(bytes: Uint8Array, use: (own: Buffer) => Promise<T>): Promise<T> =>
  wipedAfter(ownCopy(bytes), use);

/** What `use` makes of the bytes, which are wiped once that has settled. */
async function wipedAfter<T>(own: Buffer, use: (own: Buffer) => Promise<T>): Promise<T> {
  try {
    return await use(own);
  } finally {
    own.fill(0);
  }
}

/** `undefined` where the tag does not fit, or there is none (Web Cryptography API, AES-GCM, Decrypt). */
function orForged(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'OperationError') return undefined;
  throw error;
}

import { createHash, createHmac, createSecretKey, pbkdf2, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { SipHashKey } from './siphash.js';
import { Slots } from './slots.js';

/** Rounds of PBKDF2 in mod_session_crypto; they are wire format. */
const ITERATIONS = 4096;

/** Of the four threads that Node has by default for files, names and cryptography, two stay free. */
const derivations = new Slots(2, 1000);

/** One passphrase: its MAC key, and its bytes in a KeyObject. Shows nothing of either. */
export class ApacheKey {
  /** MD5(passphrase) as a SipHash key        see mod_session_crypto.c, compute_auth */
  readonly mac: SipHashKey;
  readonly #passphrase: KeyObject;

  /** Copies the passphrase; the caller wipes it. */
  constructor(
    /** Names the key in caches: unlike its place in a ring it stays when others come and go. */
    readonly id: number,
    passphrase: Uint8Array,
  ) {
    const digest = md5(passphrase);
    this.mac = new SipHashKey(digest);
    digest.fill(0);
    this.#passphrase = createSecretKey(passphrase);
  }

  /** A key of our own for what httpd does not know: HMAC-SHA-512(passphrase, "nestjs-session-crypto/apache/" ‖ use). */
  subkey(use: string): KeyObject {
    const bytes = createHmac('sha512', this.#passphrase)
      .update(`nestjs-session-crypto/apache/${use}`)
      .digest();
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  }

  /** Bytes of the cipher key of one salt, which the caller wipes: PBKDF2-HMAC-SHA1(passphrase, salt, 4096), off the
   *  event loop, two at a time. */
  derive(salt: Uint8Array, length: number): Promise<Buffer> {
    return derivations.run(() => {
      const passphrase = this.#passphrase.export();
      return stretch(passphrase, salt, length).finally(() => passphrase.fill(0));
    });
  }

  toJSON(): object {
    return { id: this.id };
  }

  [inspect.custom](): string {
    return `ApacheKey { id: ${this.id} }`;
  }
}

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();

function stretch(passphrase: Buffer, salt: Uint8Array, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(passphrase, salt, ITERATIONS, length, 'sha1', (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

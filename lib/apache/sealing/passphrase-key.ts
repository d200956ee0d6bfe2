import { createHash, createHmac, createSecretKey, pbkdf2, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { SipHashKey } from './siphash.js';
import { TaskLimiter } from './task-limiter.js';

/** Rounds of PBKDF2 in mod_session_crypto. The number is part of the wire format. */
const ITERATIONS = 4096;

/** Node runs PBKDF2 on its thread pool, which has four threads by default and also serves files and host names. Two
 *  derivations at a time leave two threads free; 1,000 more may wait. */
const derivations = new TaskLimiter(2, 1000);

/** The keys of one passphrase: the MAC key, and the passphrase itself inside a KeyObject. Neither is ever printed. */
export class PassphraseKey {
  /** The SipHash key of all MACs: MD5(passphrase)        see mod_session_crypto.c, compute_auth */
  readonly mac: SipHashKey;
  readonly #passphrase: KeyObject;

  /** Copies the passphrase; the caller wipes its own bytes. Throws if this Node's OpenSSL refuses MD5 (FIPS mode). */
  constructor(
    /** Names the key in caches. Unlike the position in a ring, it stays the same when other passphrases come and go. */
    readonly id: number,
    passphrase: Uint8Array,
  ) {
    const digest = md5(passphrase);
    this.mac = new SipHashKey(digest);
    digest.fill(0);
    this.#passphrase = createSecretKey(passphrase);
  }

  /** Returns a key for purposes that httpd does not have, such as CSRF tokens:
   *
   *      HMAC-SHA-512(passphrase, "nestjs-session-crypto/apache/" ‖ purpose) */
  subkey(purpose: string): KeyObject {
    const bytes = createHmac('sha512', this.#passphrase)
      .update(`nestjs-session-crypto/apache/${purpose}`)
      .digest();
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  }

  /** Derives the cipher key of a salt: the first `length` bytes of PBKDF2-HMAC-SHA1(passphrase, salt, 4096). It runs off
   *  the event loop, and at most two derivations run at a time. The caller wipes the result. Rejects with a
   *  SessionStoreError when too many derivations wait. */
  derive(salt: Uint8Array, length: number): Promise<Buffer> {
    return derivations.run(() => {
      const passphrase = this.#passphrase.export();
      return deriveBytes(passphrase, salt, length).finally(() => passphrase.fill(0));
    });
  }

  toJSON(): object {
    return { id: this.id };
  }

  [inspect.custom](): string {
    return `PassphraseKey { id: ${this.id} }`;
  }
}

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();

function deriveBytes(passphrase: Buffer, salt: Uint8Array, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(passphrase, salt, ITERATIONS, length, 'sha1', (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

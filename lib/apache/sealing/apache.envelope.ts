import { inspect } from 'node:util';
import { andThen, finallyDo, type Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import { randomPoolBytes } from '../../crypto/random-pool.js';
import { ownCopy, secretBytes } from '../../crypto/secret.js';
import { SessionStateError, SessionTooLargeError } from '../../errors/session-state.error.js';
import type { ApacheCipher } from './apache-cipher.js';
import {
  resolveApacheOptions,
  type ApacheEnvelopeOptions,
  type ApacheRingOptions,
} from './apache-envelope-options.js';
import type { ApacheRing, ApacheRingKey } from './apache-ring.js';
import { DerivedKeys } from './derived-keys.js';
import { DriverCipher } from './driver-cipher.js';
import { bodyOf, decodeBlob, MIN_BLOB_LENGTH, saltOf, sealBlob, type BlobBody } from './sealed-blob.js';
import { SealingKey } from './sealing-key.js';

/** Characters of a sealed value, at most; longer ones are refused before any work. httpd has no limit of its own. A
 *  cookie never comes near it, a row of mod_session_dbd could. */
export const MAX_SEALED_LENGTH = 1.5 * 2 ** 20;

/** A value that was authentic. */
export interface ApacheOpened {
  /** Up to the first zero byte, as httpd reads it; may be empty. */
  readonly plaintext: Buffer;
  /** Place of the passphrase that opened it. */
  readonly index: number;
  /** Sealed by another passphrase than the one that seals now. */
  readonly stale: boolean;
}

/** The values of Apache httpd's mod_session_crypto, byte for byte (2.4.25 and later):
 *
 *      base64( mac(8) ‖ salt(16) ‖ iv(16, 8 for 3des192) ‖ ciphertext )
 *
 *  The MAC is SipHash-2-4 under MD5(passphrase), the cipher CBC under PBKDF2-HMAC-SHA1(passphrase, salt, 4096). For
 *  sharing sessions with httpd only: the tag has 64 bits and covers neither cookie name nor cipher, and a weak
 *  passphrase falls to guessing without the 4096 rounds. */
export class ApacheEnvelope {
  private readonly cipher: DriverCipher;
  private readonly keys: { readonly ring: ApacheRing };
  private readonly derived: DerivedKeys;
  private readonly sealing: SealingKey;

  /** Throws a SessionConfigError that lists every wrong option. */
  constructor(options: ApacheEnvelopeOptions | ApacheRingOptions) {
    const { cipher, driver, keyCache, keys, reuseSalt } = resolveApacheOptions(options);
    this.cipher = new DriverCipher(driver, cipher);
    this.keys = keys;
    this.derived = new DerivedKeys(keyCache, this.cipher);
    this.sealing = new SealingKey(this.cipher, reuseSalt);
  }

  /** The sealed value of a session text, under the first passphrase: base64 with padding, to be sent as it is, since
   *  httpd stops at the first `%`. A string counts as its UTF-8 bytes.
   *
   *  Throws or rejects with a SessionStateError when the text is empty, which httpd never seals, holds a zero byte,
   *  which would end it, or is too long to be opened again. */
  seal(text: string | Uint8Array): Awaitable<string> {
    const bytes = typeof text === 'string' ? secretBytes(text) : ownCopy(text);
    return finallyDo(
      () => this.sealBytes(bytes),
      () => void bytes.fill(0),
    );
  }

  /** What {@link seal} or httpd sealed; `undefined` for everything else. Answers at once, unless the salt is new and
   *  the MAC is right: only then a key is derived, off the event loop. Rejects only when that itself fails. */
  open(sealed: string): Awaitable<ApacheOpened | undefined> {
    if (typeof sealed !== 'string' || sealed.length > MAX_SEALED_LENGTH) return undefined;
    const blob = decodeBlob(sealed);
    if (blob.length < MIN_BLOB_LENGTH) return undefined;
    const { ring } = this.keys;
    this.derived.enter(ring);
    return this.openFrom(0, ring, blob);
  }

  /** Tries the keys from one place on: a right MAC first, then the cipher. */
  private openFrom(place: number, ring: ApacheRing, blob: Buffer): Awaitable<ApacheOpened | undefined> {
    for (let i = place; i < ring.keys.length; i++) {
      if (!ring.keys[i]!.key.mac.verifies(blob)) continue;
      const opened = this.openWith(ring.keys[i]!, ring, blob);
      if (opened instanceof Promise) return opened.then((one) => one ?? this.openFrom(i + 1, ring, blob));
      if (opened) return opened;
    }
    return undefined;
  }

  private openWith(from: ApacheRingKey, ring: ApacheRing, blob: Buffer): Awaitable<ApacheOpened | undefined> {
    const body = bodyOf(this.cipher.row, blob);
    if (!body) return undefined;
    const salt = saltOf(blob);
    const key = this.derived.get(from.key, salt);
    if (!(key instanceof Promise)) return this.decrypt(key, from, body); // at once only what is remembered
    return key.then(async (derived) => {
      const opened = await this.decrypt(derived, from, body);
      if (opened) this.remember(ring, from.key, salt, derived);
      return opened;
    });
  }

  private decrypt(
    key: KeyHandle,
    { index, retiring }: ApacheRingKey,
    { iv, ciphertext }: BlobBody,
  ): Awaitable<ApacheOpened | undefined> {
    return andThen(
      this.cipher.decrypt(key, iv, ciphertext),
      (text) => text && { plaintext: untilZero(text), index, stale: index > 0 || retiring },
    );
  }

  private sealBytes(text: Uint8Array): Awaitable<string> {
    checkText(text, this.cipher.row);
    const { ring } = this.keys;
    this.derived.enter(ring);
    const from = ring.first;
    return andThen(this.sealing.take(from, text.length), ({ salt, key }) => {
      const iv = randomPoolBytes(this.cipher.row.block);
      return andThen(sealBlob(this.cipher, from.mac, key, salt, iv, text), (blob) => {
        this.remember(ring, from, salt, key);
        return blob.toString('base64');
      });
    });
  }

  private remember(ring: ApacheRing, from: ApacheRingKey['key'], salt: Buffer, key: KeyHandle): void {
    if (ring === this.keys.ring) this.derived.add(from, salt, key);
  }

  /** Shows nothing of what it holds. */
  toJSON(): object {
    return { cipher: this.cipher.row.name, ring: this.keys.ring };
  }

  [inspect.custom](): string {
    return `ApacheEnvelope { cipher: ${this.cipher.row.name}, ${inspect(this.keys.ring)} }`;
  }
}

function checkText(text: Uint8Array, cipher: ApacheCipher): void {
  if (!text.length)
    throw new SessionStateError(
      'ERR_SESSION_VALUE',
      'An empty session text is never sealed: drop the session',
    );
  if (text.includes(0))
    throw new SessionStateError(
      'ERR_SESSION_VALUE',
      'The session text holds a zero byte, which would end it',
    );
  const size = sealedLength(text.length, cipher);
  if (size > MAX_SEALED_LENGTH) throw new SessionTooLargeError(size, MAX_SEALED_LENGTH, {});
}

/** Characters of the sealed value of a text of `length` bytes. */
export function sealedLength(length: number, { block }: ApacheCipher): number {
  const blob = MIN_BLOB_LENGTH + block + block * (Math.floor(length / block) + 1);
  return 4 * Math.ceil(blob / 3);
}

function untilZero(text: Buffer): Buffer {
  const end = text.indexOf(0);
  return end < 0 ? text : text.subarray(0, end);
}

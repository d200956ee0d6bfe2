import { inspect } from 'node:util';
import { andThen, finallyDo, type Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import { randomPoolBytes } from '../../crypto/random-pool.js';
import { ownCopy, secretBytes } from '../../crypto/secret.js';
import { SessionStateError, SessionTooLargeError } from '../../errors/session-state.error.js';
import type { ApacheCipher } from './ciphers.js';
import {
  resolveEnvelopeOptions,
  type ApacheEnvelopeOptions,
  type RingEnvelopeOptions,
} from './envelope-options.js';
import type { PassphraseRing, RingEntry } from './passphrase-ring.js';
import { DerivedKeyCache } from './derived-key-cache.js';
import { DriverCipher } from './driver-cipher.js';
import { bodyOf, decodeBlob, MIN_BLOB_LENGTH, saltOf, sealBlob, type BlobBody } from './sealed-blob.js';
import { SealingKey } from './sealing-key.js';

/** Maximum length of a sealed value in characters; a longer value is refused before any work. httpd has no limit of its
 *  own. A cookie never reaches this length, but a row of mod_session_dbd could. */
export const MAX_SEALED_LENGTH = 1.5 * 2 ** 20;

/** The result of opening an authentic value. */
export interface ApacheOpened {
  /** The session text up to its first zero byte, where httpd stops reading; may be empty. */
  readonly plaintext: Buffer;
  /** Position of the passphrase that opened the value; 0 is the first. */
  readonly index: number;
  /** True if the passphrase that opened the value is not the first: seal the value again. */
  readonly stale: boolean;
}

/** Seals and opens the values of Apache httpd's mod_session_crypto (2.4.25 and later), byte for byte:
 *
 *      base64( mac(8) ‖ salt(16) ‖ iv(16, 8 for 3des192) ‖ ciphertext )
 *
 *  The MAC is SipHash-2-4 under MD5(passphrase). The cipher is CBC under PBKDF2-HMAC-SHA1(passphrase, salt, 4096).
 *
 *  Use it only to share sessions with httpd. The MAC has 64 bits, it covers neither the cookie's name nor the cipher, and
 *  a weak passphrase can be guessed without the 4096 rounds, because MD5 alone makes the MAC key. */
export class ApacheEnvelope {
  private readonly cipher: DriverCipher;
  private readonly keys: { readonly ring: PassphraseRing };
  private readonly derived: DerivedKeyCache;
  private readonly sealing: SealingKey;

  /** Throws a SessionConfigError that lists every wrong option. */
  constructor(options: ApacheEnvelopeOptions | RingEnvelopeOptions) {
    const { cipher, driver, keyCache, keys, reuseSalt } = resolveEnvelopeOptions(options);
    this.cipher = new DriverCipher(driver, cipher);
    this.keys = keys;
    this.derived = new DerivedKeyCache(keyCache, this.cipher);
    this.sealing = new SealingKey(this.cipher, reuseSalt);
  }

  /** Seals a session text under the first passphrase. The result is base64 with padding. Send it unchanged: httpd stops
   *  reading at the first `%`. A string counts as its UTF-8 bytes.
   *
   *  Throws or rejects with a SessionStateError if the text is empty (httpd never seals an empty text), if it holds a
   *  zero byte (which would end it), or if it is too long to be opened again. */
  seal(text: string | Uint8Array): Awaitable<string> {
    const bytes = typeof text === 'string' ? secretBytes(text) : ownCopy(text);
    return finallyDo(
      () => this.sealBytes(bytes),
      () => void bytes.fill(0),
    );
  }

  /** Opens a value that {@link seal} or httpd sealed. Returns `undefined` for everything else.
   *
   *  The result is a promise only if the MAC is right and the salt is new: only then is a key derived, off the event
   *  loop. The promise rejects only if that derivation fails. */
  open(sealed: string): Awaitable<ApacheOpened | undefined> {
    if (typeof sealed !== 'string' || sealed.length > MAX_SEALED_LENGTH) return undefined;
    const blob = decodeBlob(sealed);
    if (blob.length < MIN_BLOB_LENGTH) return undefined;
    const { ring } = this.keys;
    this.derived.syncWith(ring);
    return this.openFrom(0, ring, blob);
  }

  /** Tries the passphrases from position `start`: the MAC first, and the cipher only if the MAC is right. */
  private openFrom(start: number, ring: PassphraseRing, blob: Buffer): Awaitable<ApacheOpened | undefined> {
    for (let i = start; i < ring.keys.length; i++) {
      if (!ring.keys[i]!.key.mac.verifies(blob)) continue;
      const opened = this.openWith(ring.keys[i]!, ring, blob);
      if (opened instanceof Promise) return opened.then((one) => one ?? this.openFrom(i + 1, ring, blob));
      if (opened) return opened;
    }
    return undefined;
  }

  /** Opens a blob whose MAC is right. Returns `undefined` if the ciphertext is not whole blocks or the padding is wrong, which
   *  happens if the other side uses another cipher. */
  private openWith(
    entry: RingEntry,
    ring: PassphraseRing,
    blob: Buffer,
  ): Awaitable<ApacheOpened | undefined> {
    const body = bodyOf(this.cipher.row, blob);
    if (!body) return undefined;
    const salt = saltOf(blob);
    const key = this.derived.get(entry.key, salt);
    if (!(key instanceof Promise)) return this.decrypt(key, entry, body); // cached already
    return key.then(async (derived) => {
      const opened = await this.decrypt(derived, entry, body);
      if (opened) this.remember(ring, entry.key, salt, derived);
      return opened;
    });
  }

  private decrypt(
    key: KeyHandle,
    { index }: RingEntry,
    { iv, ciphertext }: BlobBody,
  ): Awaitable<ApacheOpened | undefined> {
    return andThen(
      this.cipher.decrypt(key, iv, ciphertext),
      (text) => text && { plaintext: untilZero(text), index, stale: index > 0 },
    );
  }

  /** Seals a text and remembers the cipher key, so that opening the value again costs no PBKDF2. */
  private sealBytes(text: Uint8Array): Awaitable<string> {
    checkText(text, this.cipher.row);
    const { ring } = this.keys;
    this.derived.syncWith(ring);
    const from = ring.first;
    return andThen(this.sealing.keyFor(from, text.length), ({ salt, key }) => {
      const iv = randomPoolBytes(this.cipher.row.block);
      return andThen(sealBlob(this.cipher, from.mac, key, salt, iv, text), (blob) => {
        this.remember(ring, from, salt, key);
        return blob.toString('base64');
      });
    });
  }

  /** Caches a derived key, unless a reload has replaced the ring meanwhile. */
  private remember(ring: PassphraseRing, from: RingEntry['key'], salt: Buffer, key: KeyHandle): void {
    if (ring === this.keys.ring) this.derived.add(from, salt, key);
  }

  /** Shows the cipher and the number of passphrases, nothing else. */
  toJSON(): object {
    return { cipher: this.cipher.row.name, ring: this.keys.ring };
  }

  [inspect.custom](): string {
    return `ApacheEnvelope { cipher: ${this.cipher.row.name}, ${inspect(this.keys.ring)} }`;
  }
}

/** Throws a SessionStateError for a text that httpd could not open again. */
function checkText(text: Uint8Array, cipher: ApacheCipher): void {
  if (!text.length)
    throw new SessionStateError(
      'ERR_SESSION_VALUE',
      'The session text is empty, and httpd never seals an empty text; end the session instead',
    );
  if (text.includes(0))
    throw new SessionStateError(
      'ERR_SESSION_VALUE',
      'The session text holds a zero byte, at which httpd would end it; remove the byte',
    );
  const size = sealedLength(text.length, cipher);
  if (size > MAX_SEALED_LENGTH) throw new SessionTooLargeError(size, MAX_SEALED_LENGTH, {});
}

/** Returns the number of characters of a sealed text of `length` bytes. */
export function sealedLength(length: number, { block }: ApacheCipher): number {
  const blob = MIN_BLOB_LENGTH + block + block * (Math.floor(length / block) + 1);
  return 4 * Math.ceil(blob / 3);
}

/** Cuts a text at its first zero byte, as httpd does with a C string. */
function untilZero(text: Buffer): Buffer {
  const end = text.indexOf(0);
  return end < 0 ? text : text.subarray(0, end);
}

import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { SessionConfigError } from '../errors/session-config.error.js';
import type { CryptoDriver, KeyHandle } from './crypto-driver.interface.js';
import { KeyRing, OpenCount, type OpenWatch, type RingKey } from './key-ring.js';
import { sealingFirst } from './sealing-first.js';
import { wipeSecrets, type Secret } from './secret.js';
import { stretchPassphrase } from './passphrase.js';

/** Bytes of the subkey `kid`, which is the key hint. */
const HINT_LENGTH = 4;
/** Bytes of the subkeys `ref` and `csrf`, keys of HMAC-SHA-256. */
const MAC_KEY_LENGTH = 32;

export interface RingOptions {
  /** `crypto.ring`: enters every subkey, so that two rings of the same secrets cannot open each other's values. */
  readonly ring: string;
  /** `crypto.salt`: enters the salt of the passphrases. Servers that share sessions have the same one. */
  readonly salt: string;
  /** Hears which key opens something. */
  readonly watch?: OpenWatch | undefined;
}

/** Turns secrets into a key ring of the native format:
 *
 *      secret → input key (scrypt for a passphrase, the bytes of a raw key, a handle in the token)
 *             → subkeys kid, seal, seal-aes128, ref, csrf = HKDF-Expand-SHA-512(input key, "session-crypto/v1/" ‖ use ‖ 0 ‖ ring)
 *
 *  The factory keeps its last ring with its subkeys. A reload that finds the same secrets runs neither scrypt nor the
 *  token again, and gets the same ring. */
export class KeyRingFactory {
  /** Keys of the last ring, by {@link cacheName}. */
  private readonly derived = new Map<string, RingKey>();
  /** Key of the cache names. A plain hash of a passphrase in memory would let whoever reads it try passphrases without
   *  scrypt; the random key lives no longer than the process. */
  private readonly cacheNameKey: KeyObject = createSecretKey(randomBytes(32));
  private last: KeyRing | undefined;

  constructor(
    private readonly driver: CryptoDriver,
    private readonly options: RingOptions,
  ) {}

  /** Returns a ring of all secrets, in order, and wipes their bytes, also if it rejects. It is the last ring if nothing has
   *  changed: another one would end the epoch and empty the caches at every reload. A `revoked` secret is left out, and so is
   *  every other entry with the same bytes. A `retiring` secret goes behind those that may seal. Rejects with a
   *  SessionConfigError if two keys have the same hint, or if no secret is left that may seal. */
  async make(secrets: readonly Secret[]): Promise<KeyRing> {
    try {
      const keys = await this.keysOf(secrets);
      this.dropAllBut(keys);
      return (this.last = this.lastOf(keys) ?? new KeyRing(keys, (this.last?.generation ?? 0) + 1));
    } finally {
      wipeSecrets(secrets);
    }
  }

  private async keysOf(secrets: readonly Secret[]): Promise<RingKey[]> {
    const revoked = secrets.filter(({ state }) => state === 'revoked');
    const kept = secrets.filter(({ bytes }) => !revoked.some((one) => one.bytes.equals(bytes)));
    if (!kept.length)
      throw fault('crypto.secrets', 'the sources gave no key that may be used; sealing needs at least one');
    const keys: RingKey[] = [];
    for (const secret of sealingFirst(kept, 'crypto.secrets'))
      keys.push({ ...(await this.keyOf(secret)), index: keys.length, retiring: secret.state === 'retiring' });
    refuseEqualHints(keys);
    return keys;
  }

  /** Returns the last ring if it has these keys, in these places and states. */
  private lastOf(keys: readonly RingKey[]): KeyRing | undefined {
    const known = this.last?.keys;
    if (known?.length !== keys.length) return undefined;
    const isSame = keys.every(
      ({ ref, retiring }, i) => ref === known[i]!.ref && retiring === known[i]!.retiring,
    );
    return isSame ? this.last : undefined;
  }

  private async keyOf(secret: Secret): Promise<RingKey> {
    const name = this.cacheName(secret);
    const key = this.derived.get(name) ?? (await this.derive(secret));
    this.derived.set(name, key);
    return key;
  }

  private cacheName({ kind, bytes }: Secret): string {
    return createHmac('sha256', this.cacheNameKey).update(kind).update('\0').update(bytes).digest('base64');
  }

  /** Derives all subkeys of one secret. Place and state are set by {@link make}. */
  private async derive(secret: Secret): Promise<RingKey> {
    const input = await this.inputKey(secret);
    const seal = await this.subkey(input, 'seal', 32);
    const aes128 = await this.subkey(input, 'seal-aes128', 16);
    const hint = await this.expand(input, 'kid', HINT_LENGTH);
    return {
      hint: hint.readUInt32BE(),
      index: 0,
      retiring: false,
      subkeys: { seal, 'seal-aes128': aes128 },
      ref: await this.macKey(input, 'ref'),
      csrf: await this.macKey(input, 'csrf'),
      opens: new OpenCount(hint.toString('hex'), this.options.watch),
    };
  }

  private async inputKey(secret: Secret): Promise<KeyHandle> {
    if (secret.kind === 'token') return this.tokenKey(secret);
    if (secret.kind === 'raw') return this.driver.importKey(secret.bytes, 'expand');
    return this.importAndWipe(await stretchPassphrase(secret.bytes, this.options.ring, this.options.salt));
  }

  /** Imports derived bytes and wipes them, even if the driver refuses them. */
  private async importAndWipe(bytes: Buffer): Promise<KeyHandle> {
    try {
      return await this.driver.importKey(bytes, 'expand');
    } finally {
      bytes.fill(0);
    }
  }

  private async tokenKey({ bytes, path = 'crypto.secrets' }: Secret): Promise<KeyHandle> {
    const { driver } = this;
    if (!driver.openKey)
      throw fault(
        path,
        `names a key inside a token, but driver "${driver.name}" keeps none; take crypto.driver "pkcs11"`,
      );
    return driver.openKey(bytes.toString(), path);
  }

  /** HKDF-Expand-SHA-512(input key, "session-crypto/v1/" ‖ use ‖ 0 ‖ ring, length), RFC 5869 §2.3. Extract is skipped: the
   *  input key is uniformly random already (RFC 5869 §3.3). */
  private async expand(input: KeyHandle, use: string, length: number): Promise<Buffer> {
    return this.driver.expand(input, this.info(use), length);
  }

  private info(use: string): Buffer {
    return Buffer.from(`session-crypto/v1/${use}\0${this.options.ring}`);
  }

  /** Returns a subkey that the driver uses, as a handle of the driver. */
  private async subkey(input: KeyHandle, use: string, length: number): Promise<KeyHandle> {
    if (this.driver.derive) return this.driver.derive(input, this.info(use), length);
    return this.importAndWipe(await this.expand(input, use, length));
  }

  /** Returns a subkey that Node itself uses: the MACs of reference and CSRF tokens need no driver. */
  private async macKey(input: KeyHandle, use: string): Promise<KeyObject> {
    const bytes = await this.expand(input, use, MAC_KEY_LENGTH);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  }

  /** Drops the subkeys of secrets that are no longer configured. */
  private dropAllBut(keys: readonly RingKey[]): void {
    const hints = new Set(keys.map((key) => key.hint));
    for (const [name, key] of this.derived) if (!hints.has(key.hint)) this.derived.delete(name);
  }
}

/** Throws if a hint would name two keys. Different secrets have the same 4-byte hint once in four billion pairs, so equal
 *  hints mean equal secrets. */
function refuseEqualHints(keys: readonly RingKey[]): void {
  const seen = new Map<number, number>();
  for (const { hint, index } of keys) {
    const other = seen.get(hint);
    if (other !== undefined)
      throw fault(
        `crypto.secrets[${index}]`,
        `has the same key hint as crypto.secrets[${other}]: the same secret twice; keep one of them`,
      );
    seen.set(hint, index);
  }
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);

import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { SessionConfigError } from '../errors/session-config.error.js';
import type { CryptoDriver, KeyHandle } from './crypto-driver.interface.js';
import { KeyRing, type RingKey } from './key-ring.js';
import type { Secret } from './secret.js';
import { stretchPassphrase } from './passphrase.js';

export interface RingOptions {
  /** Name of the ring: enters every subkey, so that rings with equal secrets stay apart. */
  readonly ring: string;
  /** Salt of the passphrases, equal on all servers that share sessions. */
  readonly salt: string;
}

/** Turns secrets into rings, and remembers what scrypt made of a passphrase so that a reload costs nothing. */
export class KeyRingFactory {
  private readonly known = new Map<string, RingKey>();
  /** Names are keyed, so that none of them is a quick way to try passphrases. */
  private readonly blind: KeyObject = createSecretKey(randomBytes(32));
  private generation = 0;

  constructor(
    private readonly driver: CryptoDriver,
    private readonly options: RingOptions,
  ) {}

  /** A ring of all secrets, in order. Wipes their bytes. Rejects with a SessionConfigError when two keys have one
   *  hint, or no secret is left. */
  async make(secrets: readonly Secret[]): Promise<KeyRing> {
    const revoked = secrets.filter(({ state }) => state === 'revoked');
    const kept = secrets.filter(({ bytes }) => !revoked.some((one) => one.bytes.equals(bytes)));
    if (!kept.length)
      throw fault('crypto.secrets', 'the sources gave no key; at least one is needed to seal');
    const keys: RingKey[] = [];
    for (const secret of kept)
      keys.push({ ...(await this.keyOf(secret)), index: keys.length, retiring: secret.state === 'retiring' });
    for (const secret of secrets) secret.bytes.fill(0);
    refuseClash(keys);
    this.forgetAllBut(keys);
    return new KeyRing(keys, ++this.generation);
  }

  private async keyOf(secret: Secret): Promise<RingKey> {
    const id = createHmac('sha256', this.blind)
      .update(secret.kind)
      .update('\0')
      .update(secret.bytes)
      .digest('base64');
    const known = this.known.get(id) ?? (await this.derive(secret));
    this.known.set(id, known);
    return known;
  }

  private async derive(secret: Secret): Promise<RingKey> {
    const input = await this.inputKey(secret);
    const seal = await this.subkey(input, 'seal', 32);
    const aes128 = await this.subkey(input, 'seal-aes128', 16);
    const hint = await this.expand(input, 'kid', 4);
    return {
      hint: hint.readUInt32BE(),
      index: 0,
      retiring: false,
      subkeys: { seal, 'seal-aes128': aes128 },
      ref: await this.macKey(input, 'ref'),
      csrf: await this.macKey(input, 'csrf'),
    };
  }

  private async inputKey(secret: Secret): Promise<KeyHandle> {
    if (secret.kind === 'token') return this.tokenKey(secret);
    if (secret.kind === 'raw') return this.driver.importKey(secret.bytes, 'expand');
    return this.imported(await stretchPassphrase(secret.bytes, this.options.ring, this.options.salt));
  }

  /** A handle of bytes that nobody needs afterwards, also where the driver refuses them. */
  private async imported(bytes: Buffer): Promise<KeyHandle> {
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
        `names a key inside a token, and driver "${driver.name}" keeps none; take crypto.driver "pkcs11"`,
      );
    return driver.openKey(bytes.toString(), path);
  }

  /** HKDF-Expand-SHA-512(input, "session-crypto/v1/" ‖ use ‖ 0 ‖ ring). */
  private async expand(input: KeyHandle, use: string, length: number): Promise<Buffer> {
    return this.driver.expand(input, this.info(use), length);
  }

  private info(use: string): Buffer {
    return Buffer.from(`session-crypto/v1/${use}\0${this.options.ring}`);
  }

  private async subkey(input: KeyHandle, use: string, length: number): Promise<KeyHandle> {
    if (this.driver.derive) return this.driver.derive(input, this.info(use), length);
    return this.imported(await this.expand(input, use, length));
  }

  private async macKey(input: KeyHandle, use: string) {
    const bytes = await this.expand(input, use, 32);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  }

  private forgetAllBut(keys: readonly RingKey[]): void {
    const hints = new Set(keys.map((key) => key.hint));
    for (const [id, key] of this.known) if (!hints.has(key.hint)) this.known.delete(id);
  }
}

function refuseClash(keys: readonly RingKey[]): void {
  const seen = new Map<number, number>();
  for (const { hint, index } of keys) {
    const other = seen.get(hint);
    if (other !== undefined)
      throw fault(
        `crypto.secrets[${index}]`,
        `has the key hint of crypto.secrets[${other}]: the same secret twice; keep one`,
      );
    seen.set(hint, index);
  }
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);

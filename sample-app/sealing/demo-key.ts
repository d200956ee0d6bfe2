import { createHmac, randomBytes } from 'node:crypto';

/** The name of the demonstration's key ring. */
export const RING = 'demo';
/** What the package calls AES-256-GCM in the derivation of an epoch's key (docs/wire-format.md, section 2). */
export const AEAD = 'AEAD_AES_256_GCM';

/** The labels of the derivations, as docs/wire-format.md names them. A zero byte stands before the last part. */
export const LABELS = {
  hint: ['session-crypto/v1/kid', RING],
  seal: ['session-crypto/v1/seal', RING],
  epoch: [`nestjs-session-crypto/v2/${AEAD}`],
} as const;

/** Returns at most 64 bytes of HKDF-Expand with SHA-512 (RFC 5869 §2.3): the first block is enough here. */
function expand(key: Buffer, info: Buffer | string, length: number): Buffer {
  return createHmac('sha512', key).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}

/** A key of the demonstration. It derives by itself what docs/wire-format.md says, so that the page can show that its bytes
 *  are those in the cookie. No page gets the key, or what it seals with. */
export class DemoKey {
  /** The key hint: the first bytes of every value that the key seals, in hexadecimal. */
  readonly hint: string;
  readonly #secret = randomBytes(32);

  /** `number` counts the keys of this process from 1. */
  constructor(readonly number: number) {
    this.hint = expand(this.#secret, LABELS.hint.join('\0'), 4).toString('hex');
  }

  /** Copies, since the package wipes what it gets. */
  get secret(): Buffer {
    return Buffer.from(this.#secret);
  }

  /** The commitment of an epoch, in hexadecimal: what stands behind the first 32 bytes that are derived from its header and
   *  epoch. The first 32 are the key that seals. `prefix` is header(5) ‖ epoch(12). */
  commitmentOf(prefix: Buffer): string {
    const seal = expand(this.#secret, LABELS.seal.join('\0'), 32);
    const info = Buffer.concat([Buffer.from(`${LABELS.epoch[0]}\0`), prefix]);
    return expand(seal, info, 64).toString('hex', 32);
  }
}

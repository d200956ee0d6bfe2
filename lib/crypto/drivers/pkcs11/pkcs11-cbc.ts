import { finallyDo, type Awaitable } from '../../awaitable.js';
import { CBC_CIPHERS, type CbcCipher } from '../../cbc-ciphers.js';
import type { CbcDriver } from '../../crypto-driver.interface.js';
import { CBC_ROWS, cbcMechanism } from './mechanisms.js';
import { requireLength } from './require-length.js';
import type { ImportedKey } from './session-objects.js';
import type { TokenConnection } from './token-connection.js';

/** Raw CBC of the Apache format inside the token. The padding is added here, so a token needs no mechanism with padding. */
export class Pkcs11Cbc implements CbcDriver {
  readonly ciphers: readonly string[];

  constructor(
    private readonly connection: TokenConnection,
    mechanisms: ReadonlySet<number>,
  ) {
    this.ciphers = CBC_CIPHERS.map(({ name }) => name).filter((name) =>
      mechanisms.has(CBC_ROWS[name].mechanism),
    );
  }

  /** The padded copy of the plaintext is wiped when the token has settled the call. */
  encrypt(cipher: CbcCipher, key: ImportedKey, iv: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer> {
    const padded = pad(plaintext, cipher.block);
    const run = () =>
      this.connection.run('encrypt', (session) => {
        const object = key.object(session, CBC_ROWS[cipher.name].use);
        const ciphertext = session.encrypt(cbcMechanism(session.cryptoki, cipher, iv), object, padded);
        return requireLength('encrypt', ciphertext, padded.length);
      });
    return finallyDo(run, () => padded.fill(0));
  }

  decrypt(cipher: CbcCipher, key: ImportedKey, iv: Uint8Array, ciphertext: Uint8Array): Awaitable<Buffer> {
    if (!ciphertext.length || ciphertext.length % cipher.block)
      throw new RangeError(
        `the ciphertext has ${ciphertext.length} bytes, which are not whole blocks of ${cipher.block}`,
      );
    return this.connection.run('decrypt', (session) => {
      const object = key.object(session, CBC_ROWS[cipher.name].use);
      session.beginDecrypt(cbcMechanism(session.cryptoki, cipher, iv), object);
      return requireLength('decrypt', session.decrypt(ciphertext), ciphertext.length);
    });
  }
}

/** Returns the text with PKCS#7 padding: 1 to `block` bytes, each with their number as its value (RFC 5652 §6.3). */
function pad(text: Uint8Array, block: number): Buffer {
  const count = block - (text.length % block);
  const padded = Buffer.allocUnsafeSlow(text.length + count).fill(count, text.length);
  padded.set(text);
  return padded;
}

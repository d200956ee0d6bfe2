import { finallyDo, type Awaitable } from '../../awaitable.js';
import { CBC_CIPHERS, type CbcCipher } from '../../cbc-ciphers.js';
import type { CbcDriver } from '../../crypto-driver.interface.js';
import { CBC_ROWS, cbcMechanism } from './mechanisms.js';
import { ofLength } from './of-length.js';
import type { ImportedKey } from './session-objects.js';
import type { TokenConnection } from './token-connection.js';

/** Raw CBC in the token, the padding ours. */
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

  encrypt(cipher: CbcCipher, key: ImportedKey, iv: Uint8Array, plaintext: Uint8Array): Awaitable<Buffer> {
    const padded = pad(plaintext, cipher.block);
    const run = () =>
      this.connection.run('encrypt', (session) => {
        const object = key.object(session, CBC_ROWS[cipher.name].use);
        const ciphertext = session.encrypt(cbcMechanism(session.cryptoki, cipher, iv), object, padded);
        return ofLength('encrypt', ciphertext, padded.length);
      });
    return finallyDo(run, () => padded.fill(0));
  }

  decrypt(cipher: CbcCipher, key: ImportedKey, iv: Uint8Array, ciphertext: Uint8Array): Awaitable<Buffer> {
    if (!ciphertext.length || ciphertext.length % cipher.block)
      throw new RangeError(`${ciphertext.length} bytes are no whole number of blocks`);
    return this.connection.run('decrypt', (session) => {
      const object = key.object(session, CBC_ROWS[cipher.name].use);
      session.beginDecrypt(cbcMechanism(session.cryptoki, cipher, iv), object);
      return ofLength('decrypt', session.decrypt(ciphertext), ciphertext.length);
    });
  }
}

/** PKCS#7: 1 to `block` bytes, each of which says how many there are (RFC 5652 §6.3). */
function pad(text: Uint8Array, block: number): Buffer {
  const count = block - (text.length % block);
  const padded = Buffer.allocUnsafeSlow(text.length + count).fill(count, text.length);
  padded.set(text);
  return padded;
}

import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { CipherParameters } from './cipher-parameters.js';
import type { CipherUse } from './mechanisms.js';
import { assertBytes, type NativeMemory } from './native-memory.js';
import { lastError, SUCCESS, type NssLibrary, type Pointer } from './nss-library.js';

/** NSS counts bytes in 32 bits with a sign. */
const MAX_INPUT = 2 ** 31 - 1;

/** NSS's error for a tag that does not match. */
const FORGED = 'SEC_ERROR_BAD_DATA';

/** Calls PK11_Encrypt and PK11_Decrypt, for AEAD and CBC alike.
 *
 *  NSS trusts the lengths that it is told. Callers have checked the lengths of key and IV and have made `out` large
 *  enough. This class checks that everything it passes as a pointer is bytes. */
export class NssCipher {
  private readonly parameters: CipherParameters;
  /** NSS writes the length of its output here. */
  private readonly written: { readonly pointer: Pointer; readonly count: Uint32Array };

  constructor(
    private readonly library: NssLibrary,
    memory: NativeMemory,
  ) {
    this.parameters = new CipherParameters(memory);
    const { pointer, bytes } = memory.take(4);
    this.written = { pointer, count: new Uint32Array(bytes.buffer, bytes.byteOffset, 1) };
  }

  /** Sets the additional data of the AEAD calls that follow. Throws a TypeError if it is not bytes. */
  setData(data: Uint8Array): void {
    assertBytes(data);
    this.parameters.setData(data);
  }

  /** Encrypts `text` into `out` and returns the number of bytes written. Throws a SessionDriverError with NSS's name of
   *  the error. */
  encrypt(key: Pointer, use: CipherUse, iv: Uint8Array, text: Uint8Array, out: Buffer): number {
    const { PK11_Encrypt } = this.library.nss;
    const { pointer, count } = this.prepare(iv, text);
    const item = this.parameters.items[use.parameter];
    if (PK11_Encrypt(key, use.mechanism, item, out, pointer, out.length, text, text.length) !== SUCCESS)
      throw new SessionDriverError('encrypt', lastError(this.library.nss));
    return count[0]!;
  }

  /** Decrypts `sealed` into `out` and returns the number of bytes written, or `undefined` if the tag does not match. Throws
   *  a SessionDriverError for any other failure. In both cases `out` is wiped, since NSS may have written plaintext.
   *
   *  `out` must not be empty: NSS takes an empty buffer for a question about the length, reports success and checks no
   *  tag. */
  decrypt(key: Pointer, use: CipherUse, iv: Uint8Array, sealed: Uint8Array, out: Buffer): number | undefined {
    const { PK11_Decrypt } = this.library.nss;
    const { pointer, count } = this.prepare(iv, sealed);
    const item = this.parameters.items[use.parameter];
    if (PK11_Decrypt(key, use.mechanism, item, out, pointer, out.length, sealed, sealed.length) === SUCCESS)
      return count[0]!;
    out.fill(0);
    const reason = lastError(this.library.nss);
    if (reason !== FORGED) throw new SessionDriverError('decrypt', reason);
    return undefined;
  }

  /** Checks the inputs and writes the IV to the place that all parameters point to. */
  private prepare(iv: Uint8Array, input: Uint8Array): NssCipher['written'] {
    assertBytes(input);
    assertBytes(iv);
    if (input.length > MAX_INPUT) throw new RangeError(`driver "nss" takes at most ${MAX_INPUT} bytes`);
    this.parameters.iv.set(iv);
    return this.written;
  }
}

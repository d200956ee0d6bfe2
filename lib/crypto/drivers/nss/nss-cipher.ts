import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { cipherParameters, type CipherParameters } from './cipher-parameters.js';
import type { CipherUse } from './mechanisms.js';
import { refuseUnlessBytes, type NativeMemory } from './native-memory.js';
import { lastError, SUCCESS, type NssLibrary, type Pointer } from './nss-library.js';

/** NSS counts in 32 bits. */
const MAX_INPUT = 2 ** 31 - 1;

/** What NSS says of a tag that does not fit. */
const FORGED = 'SEC_ERROR_BAD_DATA';

/** PK11_Encrypt and PK11_Decrypt. Callers have checked key, IV and the room in `out`, of which NSS knows only what it is
 *  told; what is given as a pointer is looked at here. */
export class NssCipher {
  private readonly parameters: CipherParameters;
  private readonly written: { readonly pointer: Pointer; readonly count: Uint32Array };

  constructor(
    private readonly library: NssLibrary,
    memory: NativeMemory,
  ) {
    this.parameters = cipherParameters(memory);
    const { pointer, bytes } = memory.take(4);
    this.written = { pointer, count: new Uint32Array(bytes.buffer, bytes.byteOffset, 1) };
  }

  /** Bytes that were written to `out`. */
  encrypt(key: Pointer, use: CipherUse, iv: Uint8Array, text: Uint8Array, out: Buffer): number {
    const { PK11_Encrypt } = this.library.nss;
    const { pointer, count } = this.prepare(iv, text);
    const item = this.parameters.items[use.parameter];
    if (PK11_Encrypt(key, use.mechanism, item, out, pointer, out.length, text, text.length) !== SUCCESS)
      throw new SessionDriverError('encrypt', lastError(this.library.nss));
    return count[0]!;
  }

  /** Bytes that were written to `out`, or `undefined` for a tag that does not fit; then and at a throw `out` is wiped.
   *  `out` must have room: NSS takes an empty one for a question about the length, and checks no tag. */
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

  private prepare(iv: Uint8Array, input: Uint8Array): NssCipher['written'] {
    refuseUnlessBytes(input);
    refuseUnlessBytes(iv);
    if (input.length > MAX_INPUT) throw new RangeError(`driver "nss" takes at most ${MAX_INPUT} bytes`);
    this.parameters.iv.set(iv);
    return this.written;
  }
}

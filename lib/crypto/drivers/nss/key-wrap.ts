import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { CKA_DECRYPT, CKA_ENCRYPT, CKM_AES_ECB, CKM_AES_KEY_GEN } from './mechanisms.js';
import type { NativeMemory, Region } from './native-memory.js';
import { requirePointer, lastError, SUCCESS, type NssLibrary, type Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const BLOCK = 16;

/** Encrypts keys while they are outside NSS, under an AES-256 key that NSS has generated and never reveals.
 *
 *  The mode is ECB. ECB shows equal blocks of structured data, but the plaintext here is a random key of a few blocks.
 *  Nobody outside this process can hand in a ciphertext, so no tag is needed. Both directions are set up once, so that
 *  wrapping a key costs a tenth of a call with its own set-up. */
export class KeyWrap {
  private readonly key: Pointer;
  /** NSS contexts of the two directions. */
  private readonly sealing: Pointer;
  private readonly opening: Pointer;
  /** NSS writes the length of its output here; the length is known, so nobody reads it. */
  private readonly written: Region;

  constructor(
    private readonly library: NssLibrary,
    slot: Pointer,
    memory: NativeMemory,
  ) {
    const { nss } = library;
    this.key = requirePointer(nss, nss.PK11_KeyGen(slot, CKM_AES_KEY_GEN, null, 32, null), 'make a key');
    this.written = memory.take(4);
    const none = new SecItem(memory, null, 0).pointer;
    const context = (operation: number) =>
      requirePointer(
        nss,
        nss.PK11_CreateContextBySymKey(CKM_AES_ECB, operation, this.key, none),
        'use a key',
      );
    this.sealing = context(CKA_ENCRYPT);
    this.opening = context(CKA_DECRYPT);
  }

  /** Returns the first `length` bytes of `key`, encrypted. They are filled up to whole blocks with the bytes behind them,
   *  which the caller has wiped. */
  seal(key: Region, length: number): Buffer {
    const sealed = Buffer.allocUnsafe(Math.ceil(length / BLOCK) * BLOCK);
    this.run(this.sealing, sealed, key.bytes, sealed.length);
    return sealed;
  }

  /** Decrypts `sealed` into `key`. The caller wipes it. */
  open(sealed: Buffer, key: Region): void {
    this.run(this.opening, key.bytes, sealed, sealed.length);
  }

  /** Frees the AES key. Nothing can be decrypted afterwards. */
  free(): void {
    const { nss } = this.library;
    nss.PK11_DestroyContext(this.sealing, 1);
    nss.PK11_DestroyContext(this.opening, 1);
    nss.PK11_FreeSymKey(this.key);
  }

  private run(context: Pointer, out: Buffer, input: Buffer, length: number): void {
    const { nss } = this.library;
    if (nss.PK11_CipherOp(context, out, this.written.pointer, length, input, length) !== SUCCESS)
      throw new SessionDriverError('wrap a key', lastError(nss));
  }
}

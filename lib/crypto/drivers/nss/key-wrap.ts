import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { CKA_DECRYPT, CKA_ENCRYPT, CKM_AES_ECB, CKM_AES_KEY_GEN } from './mechanisms.js';
import type { NativeMemory, Region } from './native-memory.js';
import { given, lastError, SUCCESS, type NssLibrary, type Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const BLOCK = 16;

/** Seals keys for their time outside of NSS, under an AES key that was made in NSS and never leaves it. ECB, since what is
 *  sealed is a key: it has no structure that could show, and nobody but us can hand in something else. Both directions
 *  are set up once, so that a key costs a tenth of what a call with set-up would. */
export class KeyWrap {
  private readonly key: Pointer;
  private readonly sealing: Pointer;
  private readonly opening: Pointer;
  private readonly written: Region;

  constructor(
    private readonly library: NssLibrary,
    slot: Pointer,
    memory: NativeMemory,
  ) {
    const { nss } = library;
    this.key = given(nss, nss.PK11_KeyGen(slot, CKM_AES_KEY_GEN, null, 32, null), 'make a key');
    this.written = memory.take(4);
    const none = new SecItem(memory, null, 0).pointer;
    const context = (operation: number) =>
      given(nss, nss.PK11_CreateContextBySymKey(CKM_AES_ECB, operation, this.key, none), 'use a key');
    this.sealing = context(CKA_ENCRYPT);
    this.opening = context(CKA_DECRYPT);
  }

  /** The first `length` bytes of `key`, filled up to whole blocks and sealed. */
  seal(key: Region, length: number): Buffer {
    const sealed = Buffer.allocUnsafe(Math.ceil(length / BLOCK) * BLOCK);
    this.run(this.sealing, sealed, key.bytes, sealed.length);
    return sealed;
  }

  /** Puts what was sealed into `key`; the caller wipes it. */
  open(sealed: Buffer, key: Region): void {
    this.run(this.opening, key.bytes, sealed, sealed.length);
  }

  free(): void {
    const { nss } = this.library;
    nss.PK11_DestroyContext(this.sealing, 1);
    nss.PK11_DestroyContext(this.opening, 1);
    nss.PK11_FreeSymKey(this.key);
  }

  private run(context: Pointer, out: Buffer, input: Buffer, length: number): void {
    const { nss } = this.library;
    if (nss.PK11_CipherOp(context, out, this.written.pointer, length, input, length) !== SUCCESS)
      throw new SessionDriverError('keep a key', lastError(nss));
  }
}

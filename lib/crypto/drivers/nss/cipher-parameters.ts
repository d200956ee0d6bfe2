import type { CipherUse } from './mechanisms.js';
import type { NativeMemory } from './native-memory.js';
import type { Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const NONCE = 12;
const AES_BLOCK = 16;
const DES_BLOCK = 8;

/** The parameters of all mechanisms, with one place for the nonce or IV. The caller writes it there before each call. */
export interface CipherParameters {
  /** 16 bytes of native memory for the nonce (12) or the IV (16 or 8). */
  readonly iv: Buffer;
  /** The SECItem of each kind of parameter; all of them point to {@link iv}. */
  readonly items: Readonly<Record<CipherUse['parameter'], Pointer>>;
}

/** Lays out the parameters in native memory, once for the driver, so that a call builds no struct.
 *
 *      CK_GCM_PARAMS_V3                       pIv, ulIvLen, ulIvBits, pAAD, ulAADLen, ulTagBits
 *      CK_SALSA20_CHACHA20_POLY1305_PARAMS    pNonce, ulNonceLen, pAAD, ulAADLen             both in pkcs11t.h
 *      CBC                                    the IV itself
 *
 *  The additional data is empty: the envelope binds its context in the derived key. */
export function cipherParameters(memory: NativeMemory): CipherParameters {
  const { koffi } = memory;
  const { pointer, bytes } = memory.take(AES_BLOCK);
  const aad = { pAAD: 'void *', ulAADLen: 'ulong' };
  const gcm = koffi.struct({
    pIv: 'void *',
    ulIvLen: 'ulong',
    ulIvBits: 'ulong',
    ...aad,
    ulTagBits: 'ulong',
  });
  const chacha = koffi.struct({ pNonce: 'void *', ulNonceLen: 'ulong', ...aad });
  const noAad = { pAAD: null, ulAADLen: 0 };
  const gcmAt = memory.struct(gcm, {
    pIv: pointer,
    ulIvLen: NONCE,
    ulIvBits: 8 * NONCE,
    ...noAad,
    ulTagBits: 128,
  });
  const chachaAt = memory.struct(chacha, { pNonce: pointer, ulNonceLen: NONCE, ...noAad });
  const item = (data: Pointer, length: number) => new SecItem(memory, data, length).pointer;
  return {
    iv: bytes,
    items: {
      gcm: item(gcmAt.pointer, gcmAt.bytes.length),
      chacha: item(chachaAt.pointer, chachaAt.bytes.length),
      iv16: item(pointer, AES_BLOCK),
      iv8: item(pointer, DES_BLOCK),
    },
  };
}

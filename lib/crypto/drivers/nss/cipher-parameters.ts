import type { CipherUse } from './mechanisms.js';
import type { NativeMemory, Region } from './native-memory.js';
import type { Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const NONCE = 12;
const AES_BLOCK = 16;
const DES_BLOCK = 8;
const TAG_BITS = 128;

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
  const { pointer, bytes } = memory.take(AES_BLOCK);
  const gcm = gcmParams(memory, pointer);
  const chacha = chachaParams(memory, pointer);
  const item = (data: Pointer, length: number) => new SecItem(memory, data, length).pointer;
  return {
    iv: bytes,
    items: {
      gcm: item(gcm.pointer, gcm.bytes.length),
      chacha: item(chacha.pointer, chacha.bytes.length),
      iv16: item(pointer, AES_BLOCK),
      iv8: item(pointer, DES_BLOCK),
    },
  };
}

const AAD = { pAAD: 'void *', ulAADLen: 'ulong' };
const NO_AAD = { pAAD: null, ulAADLen: 0 };

function gcmParams(memory: NativeMemory, nonce: Pointer): Region {
  const type = memory.koffi.struct({
    pIv: 'void *',
    ulIvLen: 'ulong',
    ulIvBits: 'ulong',
    ...AAD,
    ulTagBits: 'ulong',
  });
  const values = { pIv: nonce, ulIvLen: NONCE, ulIvBits: 8 * NONCE, ...NO_AAD, ulTagBits: TAG_BITS };
  return memory.struct(type, values);
}

function chachaParams(memory: NativeMemory, nonce: Pointer): Region {
  const type = memory.koffi.struct({ pNonce: 'void *', ulNonceLen: 'ulong', ...AAD });
  return memory.struct(type, { pNonce: nonce, ulNonceLen: NONCE, ...NO_AAD });
}

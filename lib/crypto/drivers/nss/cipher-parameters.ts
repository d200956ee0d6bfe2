import type { CipherUse } from './mechanisms.js';
import type { NativeMemory } from './native-memory.js';
import type { Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const NONCE = 12;
const AES_BLOCK = 16;
const DES_BLOCK = 8;

/** Where nonce or IV is put before a call, and the parameter of each kind that points there. */
export interface CipherParameters {
  readonly iv: Buffer;
  readonly items: Readonly<Record<CipherUse['parameter'], Pointer>>;
}

/** Made once; no call makes a struct. Layouts: CK_GCM_PARAMS_V3 and CK_SALSA20_CHACHA20_POLY1305_PARAMS of pkcs11t.h. */
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

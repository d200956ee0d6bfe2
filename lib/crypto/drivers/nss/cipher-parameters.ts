import type { TypeObject } from 'koffi';
import type { CipherUse } from './mechanisms.js';
import { NativeMemory, type Region } from './native-memory.js';
import type { Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const NONCE = 12;
const AES_BLOCK = 16;
const DES_BLOCK = 8;
const TAG_BITS = 128;
/** Bytes of the first place for additional data. A usual context is shorter. */
const DATA_ROOM = 1024;

/** The parameters of all mechanisms, with one place for the nonce or IV and one for the additional data. They are laid out in
 *  native memory once for the driver, so that a call builds no struct. The caller sets both before each call.
 *
 *      CK_GCM_PARAMS_V3                       pIv, ulIvLen, ulIvBits, pAAD, ulAADLen, ulTagBits
 *      CK_SALSA20_CHACHA20_POLY1305_PARAMS    pNonce, ulNonceLen, pAAD, ulAADLen             both in pkcs11t.h
 *      CBC                                    the IV itself */
export class CipherParameters {
  /** 16 bytes of native memory for the nonce (12) or the IV (16 or 8). */
  readonly iv: Buffer;
  /** The SECItem of each kind of parameter; all of them point to {@link iv}. */
  readonly items: Readonly<Record<CipherUse['parameter'], Pointer>>;
  private readonly aeads: readonly AeadParams[];
  private data: { readonly memory: NativeMemory; readonly region: Region };
  private dataLength = 0;

  constructor(private readonly memory: NativeMemory) {
    const { pointer, bytes } = memory.take(AES_BLOCK);
    this.data = this.roomFor(DATA_ROOM);
    const [gcm, chacha] = (this.aeads = [gcmParams(memory, pointer), chachaParams(memory, pointer)]);
    const item = (data: Pointer, length: number) => new SecItem(memory, data, length).pointer;
    this.iv = bytes;
    this.items = {
      gcm: item(gcm!.region.pointer, gcm!.region.bytes.length),
      chacha: item(chacha!.region.pointer, chacha!.region.bytes.length),
      iv16: item(pointer, AES_BLOCK),
      iv8: item(pointer, DES_BLOCK),
    };
    this.pointToData(0);
  }

  /** Copies the additional data of the next AEAD call. The structs change only with its length. */
  setData(data: Uint8Array): void {
    const { length } = data;
    const isFull = length > this.data.region.bytes.length;
    if (isFull) this.grow(length);
    this.data.region.bytes.set(data);
    if (isFull || length !== this.dataLength) this.pointToData(length);
  }

  private grow(length: number): void {
    const larger = this.roomFor(length);
    this.data.memory.free();
    this.data = larger;
  }

  private roomFor(length: number): CipherParameters['data'] {
    const memory = new NativeMemory(this.memory.koffi, length);
    return { memory, region: memory.take(length) };
  }

  private pointToData(length: number): void {
    const place = { pAAD: this.data.region.pointer, ulAADLen: length };
    for (const { region, type, values } of this.aeads)
      this.memory.koffi.encode(region.pointer, type, { ...values, ...place });
    this.dataLength = length;
  }
}

/** The struct of one AEAD mechanism, and its members other than the additional data. */
interface AeadParams {
  readonly region: Region;
  readonly type: TypeObject;
  readonly values: object;
}

const AAD = { pAAD: 'void *', ulAADLen: 'ulong' };

function gcmParams(memory: NativeMemory, nonce: Pointer): AeadParams {
  const type = memory.koffi.struct({
    pIv: 'void *',
    ulIvLen: 'ulong',
    ulIvBits: 'ulong',
    ...AAD,
    ulTagBits: 'ulong',
  });
  const values = { pIv: nonce, ulIvLen: NONCE, ulIvBits: 8 * NONCE, ulTagBits: TAG_BITS };
  return { type, values, region: memory.take(memory.koffi.sizeof(type)) };
}

function chachaParams(memory: NativeMemory, nonce: Pointer): AeadParams {
  const type = memory.koffi.struct({ pNonce: 'void *', ulNonceLen: 'ulong', ...AAD });
  const values = { pNonce: nonce, ulNonceLen: NONCE };
  return { type, values, region: memory.take(memory.koffi.sizeof(type)) };
}

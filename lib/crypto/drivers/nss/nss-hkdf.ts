import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { HMAC } from './mechanisms.js';
import { NativeMemory, assertBytes, type Region } from './native-memory.js';
import { lastError, SUCCESS, type NssLibrary, type Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const HASH = 64;
const MAX_OUTPUT = 255 * HASH;
const MAX_INFO = 2 ** 24;
/** Bytes of `info` that the buffers of the driver have room for. The native format needs far fewer. */
const ROOM = 4096;
/** Bytes beside `info`: two MACs, the counter, three structs, and alignment. */
const OVERHEAD = 512;

/** HKDF-Expand with SHA-512 (RFC 5869 §2.3) by HMACs that NSS computes: T(i) = HMAC(key, T(i-1) ‖ info ‖ i). */
export class NssHkdf {
  private readonly buffers: HkdfBuffers;

  constructor(private readonly library: NssLibrary) {
    this.buffers = new HkdfBuffers(library, ROOM);
  }

  /** Returns `length` bytes, at most 255 × 64. A longer `info` than {@link ROOM} gets buffers of its own. Throws a
   *  RangeError if `length` or `info` is too long, and a SessionDriverError if NSS fails. */
  expand(key: Pointer, info: Uint8Array, length: number): Buffer {
    assertBytes(info);
    if (!Number.isInteger(length) || length < 0 || length > MAX_OUTPUT)
      throw new RangeError(`${length} bytes were requested; driver "nss" expands to at most ${MAX_OUTPUT}`);
    if (!(info.length <= MAX_INFO))
      throw new RangeError(`the info has ${info.length} bytes; driver "nss" takes at most ${MAX_INFO}`);
    if (info.length <= ROOM) return this.buffers.expand(key, info, length);
    const buffers = new HkdfBuffers(this.library, info.length);
    try {
      return buffers.expand(key, info, length);
    } finally {
      buffers.free();
    }
  }
}

/** Native memory that NSS reads and writes during an expansion, for an `info` of at most `room` bytes:
 *
 *      message = T(i-1)(64) ‖ info ‖ i(1)        the first block begins at `info`
 *      mac     = T(i)(64)
 */
class HkdfBuffers {
  private readonly memory: NativeMemory;
  private readonly message: Region;
  private readonly mac: Region;
  private readonly macItem: SecItem;
  /** The message of the first block, without T(i-1). */
  private readonly firstItem: SecItem;
  /** The message of every later block. */
  private readonly nextItem: SecItem;

  constructor(
    private readonly library: NssLibrary,
    room: number,
  ) {
    this.memory = new NativeMemory(library.koffi, room + OVERHEAD);
    this.message = this.memory.take(HASH + room + 1);
    this.mac = this.memory.take(HASH);
    this.macItem = new SecItem(this.memory, this.mac.pointer, HASH);
    this.firstItem = new SecItem(this.memory, this.message.pointer + BigInt(HASH), 0);
    this.nextItem = new SecItem(this.memory, this.message.pointer, 0);
  }

  expand(key: Pointer, info: Uint8Array, length: number): Buffer {
    const out = Buffer.allocUnsafeSlow(length);
    const { bytes } = this.message;
    const end = HASH + info.length;
    bytes.set(info, HASH);
    this.firstItem.length = info.length + 1;
    this.nextItem.length = end + 1;
    try {
      for (let at = 0; at < length; at += HASH) {
        bytes[end] = at / HASH + 1;
        this.sign(key, at ? this.nextItem : this.firstItem);
        this.mac.bytes.copy(bytes);
        this.mac.bytes.copy(out, at);
      }
    } finally {
      this.wipe();
    }
    return out;
  }

  free(): void {
    this.memory.free();
  }

  private sign(key: Pointer, data: SecItem): void {
    const { nss } = this.library;
    this.macItem.length = HASH;
    if (nss.PK11_SignWithSymKey(key, HMAC.mechanism, null, this.macItem.pointer, data.pointer) !== SUCCESS)
      throw new SessionDriverError('expand a key', lastError(nss));
  }

  /** Wipes the blocks, which are key material; `info` is not secret. */
  private wipe(): void {
    this.message.bytes.fill(0, 0, HASH);
    this.mac.bytes.fill(0);
  }
}

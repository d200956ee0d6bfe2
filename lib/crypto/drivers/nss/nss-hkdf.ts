import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { HMAC } from './mechanisms.js';
import { NativeMemory, refuseUnlessBytes, type Region } from './native-memory.js';
import { lastError, SUCCESS, type NssLibrary, type Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const HASH = 64;
const MAX_OUTPUT = 255 * HASH;
const MAX_INFO = 2 ** 24;
/** Bytes of `info` for which there is always room. */
const ROOM = 4096;
/** Two MACs, the counter, three structs, and what alignment takes. */
const OVERHEAD = 512;

/** HKDF-Expand with SHA-512 (RFC 5869 §2.3) by HMACs that NSS makes. */
export class NssHkdf {
  private readonly space: HkdfSpace;

  constructor(private readonly library: NssLibrary) {
    this.space = new HkdfSpace(library, ROOM);
  }

  /** `length` bytes, at most 255 × 64. */
  expand(key: Pointer, info: Uint8Array, length: number): Buffer {
    refuseUnlessBytes(info);
    if (!Number.isInteger(length) || length < 0 || length > MAX_OUTPUT)
      throw new RangeError(`${length} bytes; driver "nss" expands to at most ${MAX_OUTPUT}`);
    if (!(info.length <= MAX_INFO))
      throw new RangeError(`an info of ${info.length} bytes; driver "nss" takes at most ${MAX_INFO}`);
    if (info.length <= ROOM) return this.space.expand(key, info, length);
    const space = new HkdfSpace(this.library, info.length);
    try {
      return space.expand(key, info, length);
    } finally {
      space.free();
    }
  }
}

/** What NSS reads and writes:    T(i-1) 64 ‖ info ‖ i 1    and T(i), for an info of at most `room` bytes. */
class HkdfSpace {
  private readonly memory: NativeMemory;
  private readonly message: Region;
  private readonly mac: Region;
  private readonly macItem: SecItem;
  private readonly firstItem: SecItem;
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

  private wipe(): void {
    this.message.bytes.fill(0, 0, HASH);
    this.mac.bytes.fill(0);
  }
}

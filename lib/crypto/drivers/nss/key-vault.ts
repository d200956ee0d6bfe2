import type { KeyHandle } from '../../crypto-driver.interface.js';
import { KeyWrap } from './key-wrap.js';
import type { KeyPurpose } from './mechanisms.js';
import { assertBytes, type NativeMemory, type Region } from './native-memory.js';
import { NssKey, type WrappedKey } from './nss-key.js';
import { requirePointer, type NssLibrary, type Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const MIN_KEY = 16;
const MAX_KEY = 64;
/** PK11_OriginUnwrap in secmodt.h: the key comes from outside. */
const ORIGIN_UNWRAP = 4;

/** Keeps the driver's keys.
 *
 *  A key inside NSS (PK11SymKey) takes 6 KiB of native memory, and thousands of them make NSS slow. Each epoch has its
 *  own key, and nobody tells the driver when a key is no longer needed. A handle therefore holds its key encrypted, in
 *  JavaScript (key-wrap.ts). The key itself is in NSS only during a call, or, if it is used for `expand`, until its
 *  handle is collected. */
export class KeyVault {
  private readonly wrap: KeyWrap;
  /** The one place in native memory that plain keys pass through. It is wiped after each use. */
  private readonly transit: Region;
  /** Points to {@link transit}. */
  private readonly item: SecItem;
  /** Keys that stay in NSS. */
  private readonly residents = new Set<Pointer>();
  private readonly collected = new FinalizationRegistry<Pointer>((key) => this.release(key));
  private isOpen = true;

  constructor(
    private readonly library: NssLibrary,
    private readonly slot: Pointer,
    memory: NativeMemory,
  ) {
    this.wrap = new KeyWrap(library, slot, memory);
    this.transit = memory.take(MAX_KEY);
    this.item = new SecItem(memory, this.transit.pointer, 0);
  }

  /** Returns a handle for a copy of 16 to 64 bytes. Throws a RangeError for any other length, and a TypeError if `bytes`
   *  are not bytes or the vault is closed. */
  keep(bytes: Uint8Array): NssKey {
    this.refuseIfClosed();
    assertBytes(bytes);
    const { length } = bytes;
    if (!(length >= MIN_KEY && length <= MAX_KEY))
      throw new RangeError(`the key has ${length} bytes; driver "nss" takes ${MIN_KEY} to ${MAX_KEY}`);
    this.transit.bytes.set(bytes);
    try {
      return new NssKey({ vault: this, sealed: this.wrap.seal(this.transit, length), length });
    } finally {
      this.transit.bytes.fill(0);
    }
  }

  /** Returns the length of a key in bytes. Throws a TypeError if `handle` is not from this vault. */
  lengthOf(handle: KeyHandle): number {
    return NssKey.wrappedKey(handle, this).length;
  }

  /** Puts the key into NSS, returns the result of `act`, and takes the key out again. */
  withKey<T>(handle: KeyHandle, use: KeyPurpose, act: (key: Pointer) => T): T {
    const key = this.load(NssKey.wrappedKey(handle, this), use);
    try {
      return act(key);
    } finally {
      this.library.nss.PK11_FreeSymKey(key);
    }
  }

  /** Returns the key in NSS, where it stays until its handle is collected or the vault is closed. A handle may be used for
   *  one purpose only: the first call decides it. */
  resident(handle: KeyHandle, use: KeyPurpose): Pointer {
    const wrapped = NssKey.wrappedKey(handle, this);
    this.refuseIfClosed();
    return (wrapped.resident ??= this.keepUntilCollected(handle, this.load(wrapped, use)));
  }

  /** Takes every key out of NSS. All handles are useless afterwards. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const key of this.residents) this.release(key);
    this.wrap.free();
  }

  /** Decrypts the key into the transit memory, imports it into NSS and wipes the transit memory. */
  private load({ sealed, length }: WrappedKey, { mechanism, operation }: KeyPurpose): Pointer {
    this.refuseIfClosed();
    const { nss } = this.library;
    const { pointer } = this.item;
    this.item.length = length;
    try {
      this.wrap.open(sealed, this.transit);
      const key = nss.PK11_ImportSymKey(this.slot, mechanism, ORIGIN_UNWRAP, operation, pointer, null);
      return requirePointer(nss, key, 'import a key');
    } finally {
      this.transit.bytes.fill(0);
    }
  }

  private keepUntilCollected(handle: KeyHandle, key: Pointer): Pointer {
    this.residents.add(key);
    this.collected.register(handle, key);
    return key;
  }

  /** Frees a key once, although both the collector and {@link close} may ask for it. */
  private release(key: Pointer): void {
    if (this.residents.delete(key)) this.library.nss.PK11_FreeSymKey(key);
  }

  private refuseIfClosed(): void {
    if (!this.isOpen) throw new TypeError('driver "nss" has been closed');
  }
}

import type { KeyHandle } from '../../crypto-driver.interface.js';
import { KeyWrap } from './key-wrap.js';
import type { KeyPurpose } from './mechanisms.js';
import { refuseUnlessBytes, type NativeMemory, type Region } from './native-memory.js';
import { NssKey, type WaitingKey } from './nss-key.js';
import { given, type NssLibrary, type Pointer } from './nss-library.js';
import { SecItem } from './sec-item.js';

const MIN_KEY = 16;
const MAX_KEY = 64;
/** PK11_OriginUnwrap of secmodt.h. */
const ORIGIN_UNWRAP = 4;

/** Where keys are kept. A PK11SymKey takes 6 KiB outside of JavaScript, and thousands of them make NSS slow; yet each
 *  message has a key, and nobody says when it is used no more. So a handle holds its key sealed; the key itself lies in
 *  NSS while it is used, or, if it expands, as long as there is its handle. */
export class KeyVault {
  private readonly wrap: KeyWrap;
  /** A key on its way, wiped behind it. */
  private readonly transit: Region;
  private readonly item: SecItem;
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

  /** A handle for a copy of 16 to 64 bytes. */
  keep(bytes: Uint8Array): NssKey {
    this.refuseIfClosed();
    refuseUnlessBytes(bytes);
    const { length } = bytes;
    if (!(length >= MIN_KEY && length <= MAX_KEY))
      throw new RangeError(`a key of ${length} bytes; driver "nss" takes ${MIN_KEY} to ${MAX_KEY}`);
    this.transit.bytes.set(bytes);
    try {
      return new NssKey({ vault: this, sealed: this.wrap.seal(this.transit, length), length });
    } finally {
      this.transit.bytes.fill(0);
    }
  }

  /** Bytes of a key; a TypeError for what is no key of this vault. */
  lengthOf(handle: KeyHandle): number {
    return NssKey.waiting(handle, this).length;
  }

  /** What `act` answers, with the key in NSS for that time. */
  with<T>(handle: KeyHandle, use: KeyPurpose, act: (key: Pointer) => T): T {
    const key = this.lay(NssKey.waiting(handle, this), use);
    try {
      return act(key);
    } finally {
      this.library.nss.PK11_FreeSymKey(key);
    }
  }

  /** The key in NSS, where it stays until its handle is collected or the vault is closed. One use for each handle. */
  resident(handle: KeyHandle, use: KeyPurpose): Pointer {
    const waiting = NssKey.waiting(handle, this);
    this.refuseIfClosed();
    return (waiting.resident ??= this.settle(handle, this.lay(waiting, use)));
  }

  /** Takes every key out of NSS; handles are of no use any more. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const key of this.residents) this.release(key);
    this.wrap.free();
  }

  private lay({ sealed, length }: WaitingKey, { mechanism, operation }: KeyPurpose): Pointer {
    this.refuseIfClosed();
    const { nss } = this.library;
    const { pointer } = this.item;
    this.item.length = length;
    try {
      this.wrap.open(sealed, this.transit);
      const key = nss.PK11_ImportSymKey(this.slot, mechanism, ORIGIN_UNWRAP, operation, pointer, null);
      return given(nss, key, 'take a key');
    } finally {
      this.transit.bytes.fill(0);
    }
  }

  private settle(handle: KeyHandle, key: Pointer): Pointer {
    this.residents.add(key);
    this.collected.register(handle, key);
    return key;
  }

  private release(key: Pointer): void {
    if (this.residents.delete(key)) this.library.nss.PK11_FreeSymKey(key);
  }

  private refuseIfClosed(): void {
    if (!this.isOpen) throw new TypeError('driver "nss" has been closed');
  }
}

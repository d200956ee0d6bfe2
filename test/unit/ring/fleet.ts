import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { SecretOption } from '../../../lib/crypto/key-source.interface.js';
import { manageKeys } from '../../../lib/manager/manage-keys.js';
import { OptionReader } from '../../../lib/options/option-reader.js';
import { resolveCrypto } from '../../../lib/options/resolve-crypto.js';
import type { ManagedRingOptions } from '../../../lib/options/ring-options.interface.js';
import type { ManagedKeys } from '../../../lib/ring/managed-keys.js';
import type { KeyRow, KeyRowStore, LoadedKeys } from '../../../lib/stores/key-row-store.interface.js';
import { memoryKeyStore } from '../../../lib/stores/memory-key.store.js';

export const DAY = 86_400;
/** The longest session of the tests, in seconds. */
export const LONGEST = 8 * 3600;

/** Secrets of 32 equal bytes. */
export const secretOf = (fill: string): string => `hex:${fill.repeat(32)}`;

/** One store with a clock that the test sets, and the processes that follow it. */
export class Fleet {
  private time = new Date('2026-11-29T12:00:00Z').getTime();
  /** Milliseconds by which the clock of the store is wrong. */
  wrong = 0;
  readonly memory = memoryKeyStore({ now: () => this.now });
  /** All that the processes report, in order. */
  readonly told: string[] = [];

  constructor(private readonly driver: CryptoDriver = new OpensslDriver()) {}

  pass(seconds: number): void {
    this.time += 1000 * seconds;
  }

  get now(): Date {
    return new Date(this.time + this.wrong);
  }

  rows(): Promise<readonly KeyRow[]> {
    return this.memory.load('default').then(({ rows }) => rows);
  }

  async states(): Promise<string[]> {
    return (await this.rows()).map(({ id, state }) => `${id} ${state}`);
  }

  /** A process that has not opened its store yet. */
  async build(
    secrets: readonly SecretOption[] = [secretOf('11')],
    ring: Partial<ManagedRingOptions> = {},
    options: object = {},
  ): Promise<ManagedKeys> {
    const given = { secrets, ring: { store: this.memory, ...ring }, reload: { interval: 0 }, ...options };
    const crypto = resolveCrypto(new OptionReader('crypto', given, []));
    const listener = {
      reloaded: (keys: number) => void this.told.push(`reloaded ${keys}`),
      failed: (error: unknown) => void this.told.push((error as Error).message),
      changed: (hint: number, state: string) =>
        void this.told.push(`${hint.toString(16).padStart(8, '0')} ${state}`),
      tell: (message: string) => void this.told.push(message),
    };
    return manageKeys(crypto, crypto.managed!, this.driver, listener, {
      need: LONGEST,
      steady: () => this.time,
    });
  }

  /** A process that has started. The test says when it follows. */
  async start(...args: Parameters<Fleet['build']>): Promise<ManagedKeys> {
    const keys = await this.build(...args);
    await keys.open(() => undefined);
    keys.listen();
    keys.ready();
    return keys;
  }
}

/** A store in front of another one, in which a test can break or delay what it likes. */
export class Between implements KeyRowStore {
  readonly kind = 'memory';
  readonly name = 'memory';
  /** Called before each operation. */
  before: (operation: keyof KeyRowStore) => unknown = () => undefined;

  constructor(private readonly behind: KeyRowStore) {}

  async load(ring: string): Promise<LoadedKeys> {
    await this.before('load');
    return this.behind.load(ring);
  }

  async insert(ring: string, row: KeyRow): Promise<boolean> {
    await this.before('insert');
    return this.behind.insert(ring, row);
  }

  async update(ring: string, row: KeyRow): Promise<boolean> {
    await this.before('update');
    return this.behind.update(ring, row);
  }

  async remove(ring: string, id: number, version: number): Promise<boolean> {
    await this.before('remove');
    return this.behind.remove(ring, id, version);
  }
}

/** The ids of the keys of a process's ring, the sealing one first. */
export async function idsOf(keys: ManagedKeys, fleet: Fleet): Promise<(number | undefined)[]> {
  const rows = await fleet.rows();
  return keys.ring.keys.map((key) => rows.find(({ hint }) => hint === key.hint)?.id);
}

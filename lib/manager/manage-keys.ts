import { hostname } from 'node:os';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import { KeyRingFactory } from '../crypto/key-ring-factory.js';
import type { OpenWatch } from '../crypto/key-ring.js';
import { KeyRingProvider, type ReloadListener } from '../crypto/key-ring-provider.js';
import { ownCopy } from '../crypto/secret.js';
import { Envelope } from '../envelope/envelope.js';
import type { ResolvedCrypto } from '../options/resolve-crypto.js';
import { rulesOf, type ResolvedRing } from '../options/resolve-ring.js';
import { isLooking } from '../ring/looking.js';
import { ManagedKeys } from '../ring/managed-keys.js';
import { ProcessReports, processesOf } from '../ring/process-reports.js';
import { RingAlarm } from '../ring/ring-alarm.js';
import { RingRows } from '../ring/ring-rows.js';
import { WrappedKeys } from '../ring/wrapped-keys.js';
import type { TellOperator } from '../errors/log-lines.js';
import type { KeyRowStore, KeyState } from '../stores/key-row-store.interface.js';

/** Hears about reloads, and about the keys of a managed ring. */
export interface RingListener extends ReloadListener {
  /** This process has made a key, or has changed its state. */
  changed?(hint: number, state: KeyState | 'dropped'): void;
  readonly tell?: TellOperator;
}

export interface RingTimes {
  /** Seconds for which a key is needed after it has stopped sealing ({@link longestNeed}). */
  readonly need: number;
  /** Returns milliseconds of a clock that nobody sets. */
  readonly steady: () => number;
  /** Hears which key opens something. */
  readonly watch?: OpenWatch | undefined;
}

/** Envelopes whose keys stay in memory: each process wraps in epochs of its own. */
const CACHED = 32;

/** Reads the secrets that wrap the keys of a managed ring, and builds the ring. It has no keys before its store is opened. Rejects
 *  with a SessionConfigError. */
export async function manageKeys(
  crypto: ResolvedCrypto,
  { store, interval, reports, ...times }: ResolvedRing,
  driver: CryptoDriver,
  listener: RingListener,
  { need, steady, watch }: RingTimes,
): Promise<ManagedKeys> {
  const { ring, salt, sources, reload, suite, accepted } = crypto;
  const options = { ring, salt };
  const alarm = new RingAlarm(listener);
  const wrapping: ReloadListener = {
    reloaded: () => void keys.followQuietly(),
    failed: (error) => alarm.failed(error),
  };
  const factory = new KeyRingFactory(driver, options);
  const secrets = await new KeyRingProvider(sources, factory, reload, wrapping).start();
  const envelope = new Envelope(driver, secrets, { suite, accepted, cacheSize: CACHED });
  const rows = new RingRows({
    store,
    ring,
    wrapping: new WrappedKeys(envelope, ring),
    hintOf: async (bytes) => hintOf(new KeyRingFactory(driver, options), bytes),
    secretHints: () => secrets.ring.keys.map(({ hint }) => hint),
    changed: (hint, state) => listener.changed?.(hint, state),
  });
  const keys = new ManagedKeys({
    store,
    rows,
    rules: rulesOf(times, need),
    steady,
    interval,
    onlyLooks: isLooking(),
    secrets,
    maker: new KeyRingFactory(driver, { ...options, watch }),
    alarm,
    reports: reports ? reportsIn(store, processesOf(ring), envelope) : undefined,
    tell: (...line) => listener.tell?.(...line),
  });
  return keys;
}

function reportsIn(store: KeyRowStore, name: string, envelope: Envelope): ProcessReports {
  const label = `${hostname()}:${process.pid}`;
  return new ProcessReports({ store, name, wrapping: new WrappedKeys(envelope, name), label });
}

/** Returns the hint that a key has in a ring. The factory wipes the copy of its bytes. */
async function hintOf(factory: KeyRingFactory, bytes: Buffer): Promise<number> {
  return (await factory.make([{ kind: 'raw', bytes: ownCopy(bytes) }])).first.hint;
}

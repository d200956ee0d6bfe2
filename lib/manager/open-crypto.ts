import { andThen } from '../crypto/awaitable.js';
import { KeyRingProvider, type ReloadListener } from '../crypto/key-ring-provider.js';
import type { KeyRing, OpenWatch } from '../crypto/key-ring.js';
import { KeyRingFactory } from '../crypto/key-ring-factory.js';
import { selfTest } from '../crypto/self-test.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { Suite } from '../crypto/suites.js';
import { Envelope } from '../envelope/envelope.js';
import { epochSeconds } from '../envelope/sealing-epoch.js';
import { codeOf } from '../errors/session-store.error.js';
import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import type { RecordCodec } from '../persistence/record-codec.interface.js';
import type { ResolvedCrypto } from '../options/resolve-crypto.js';
import type { ManagedKeys } from '../ring/managed-keys.js';
import { manageKeys, type RingListener, type RingTimes } from './manage-keys.js';
import type {
  KeysInUse,
  MigratedFormat,
  MigrationParts,
  MigrationReader,
  MigrationSource,
  SessionFormat,
  StartedFormat,
} from '../persistence/session-format.interface.js';

/** The keys of one set of options, read, with the parts that seal and open by them. */
export interface CryptoParts {
  readonly keys: KeysInUse;
  /** The native format; absent where `crypto.format` replaces it. */
  readonly native: NativeCrypto | undefined;
  readonly format: StartedFormat | undefined;
  readonly accepted: readonly AcceptedFormat[];
}

/** The keys of the native format and the envelope that uses them. */
export interface NativeCrypto {
  readonly keys: NativeKeys;
  readonly envelope: Envelope;
  /** Present if the ring manages itself. */
  readonly managed?: ManagedKeys | undefined;
}

/** The ring of the native format, and what keeps it current: {@link KeyRingProvider} or {@link ManagedKeys}. */
export interface NativeKeys extends KeysInUse {
  readonly ring: KeyRing;
}

/** A foreign format whose sessions are migrated. */
export interface AcceptedFormat {
  readonly name: string;
  readonly source: MigrationSource;
  /** Keys that can be read again; absent for a format whose secrets are literals. */
  readonly keys?: KeysInUse;
  reader(parts: MigrationParts): MigrationReader;
}

/** What decides how long an epoch of the native format lasts, and how long a key is kept. */
export interface EpochParts extends RingTimes {
  /** Seconds that a session lives at most, over all profiles; 0 for no limit. */
  readonly longestTimeout: number;
  /** Returns the time in milliseconds. */
  readonly now: () => number;
}

/** Reads the keys of resolved options at the option path `path`, and builds the envelope. The caller stays the owner
 *  of the driver. Rejects with a SessionConfigError. */
export async function openCrypto(
  crypto: ResolvedCrypto,
  driver: CryptoDriver,
  path: string,
  listener: RingListener,
  epochs: EpochParts,
): Promise<CryptoParts> {
  const { format, reload } = crypto;
  if (format) {
    const started = await format.start(`${path}.format`, reload, listener, driver);
    return { keys: started.keys, native: undefined, format: started, accepted: [] };
  }
  const native = await openNative(crypto, driver, listener, epochs);
  const accepted: AcceptedFormat[] = [];
  for (const [i, one] of crypto.accept.entries())
    accepted.push(await openAccepted(one, driver, `${path}.accept[${i}]`, listener, reload));
  return { keys: native.keys, native, format: undefined, accepted };
}

async function openAccepted(
  format: SessionFormat | MigratedFormat,
  driver: CryptoDriver,
  path: string,
  listener: ReloadListener,
  reload: ResolvedCrypto['reload'],
): Promise<AcceptedFormat> {
  const { name, migrationSource } = format;
  const source = migrationSource!;
  if ('startMigration' in format) return { name, source, reader: await format.startMigration(path) };
  const { keys, codec } = await format.start(path, reload, listener, driver);
  return { name, source, keys, reader: (parts) => readerOf(codec(parts)) };
}

/** Reads the keys of the native format, and builds its envelope after the driver has passed the known answers. The keys of a
 *  managed ring are read later, when its store is opened. */
export async function openNative(
  crypto: ResolvedCrypto,
  driver: CryptoDriver,
  listener: RingListener,
  { longestTimeout, now, ...times }: EpochParts,
): Promise<NativeCrypto> {
  const { suite, accepted, keyCache } = crypto;
  await checkDriver(driver, accepted);
  const managed = crypto.managed && (await manageKeys(crypto, crypto.managed, driver, listener, times));
  const keys = managed ?? (await readKeys(crypto, driver, listener, times.watch));
  const epoch = { epochSeconds: epochSeconds(longestTimeout), now };
  const envelope = new Envelope(driver, keys, { suite, accepted, cacheSize: keyCache, ...epoch });
  return { keys, envelope, managed };
}

function readKeys(
  { ring, salt, sources, reload }: ResolvedCrypto,
  driver: CryptoDriver,
  listener: ReloadListener,
  watch: OpenWatch | undefined,
): Promise<KeyRingProvider> {
  const maker = new KeyRingFactory(driver, { ring, salt, watch });
  return new KeyRingProvider(sources, maker, reload, listener).start();
}

/** Runs the known answers of every suite that may open. Throws one SessionConfigError that lists all faults. */
async function checkDriver(driver: CryptoDriver, suites: ResolvedCrypto['accepted']): Promise<void> {
  const faults: ConfigFault[] = [];
  for (const suite of suites) {
    const message = await driverFault(driver, suite);
    if (message) faults.push({ path: 'crypto.driver', message });
  }
  if (faults.length) throw new SessionConfigError(faults);
}

/** Returns what is wrong with an open driver. It may have less than its kind could have, such as a token without a
 *  mechanism. */
async function driverFault(driver: CryptoDriver, suite: Suite): Promise<string | undefined> {
  const { name, ciphers } = driver;
  if (!ciphers.includes(suite.cipher))
    return `"${name}" has no ${suite.cipher} here; it has ${ciphers.join(', ') || 'no cipher of our own form'}`;
  const fault = await selfTest(driver, suite).catch((error: unknown) => `it threw (${codeOf(error)})`);
  return fault && `"${name}" fails its self-test: ${fault}`;
}

/** Reads sessions for the migration by the codec of a format that this package writes too. */
function readerOf(codec: RecordCodec): MigrationReader {
  return {
    shortest: codec.shortest,
    canonical: (text) => codec.canonical?.(text) ?? text,
    open: (text) =>
      andThen(codec.open(text), (opened) =>
        typeof opened === 'string'
          ? opened
          : { origin: text, record: opened.record, expiresAt: opened.expiresAt },
      ),
  };
}

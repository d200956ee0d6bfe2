import {
  KeyKeeper,
  RingMaker,
  selfTest,
  type CryptoDriver,
  type ReloadListener,
  type Suite,
} from './crypto/index.js';
import { Envelope } from './envelope/index.js';
import { codeOf, SessionConfigError, type ConfigFault } from './errors/index.js';
import type { ResolvedCrypto } from './options/index.js';
import type { KeysInUse, SessionFormat, StartedFormat } from './session/index.js';

/** The keys of one set of options, read, and what opens and seals with them. */
export interface OpenCrypto {
  readonly keys: KeysInUse;
  /** Our own form; absent where another one takes its place. */
  readonly native: NativeCrypto | undefined;
  readonly format: StartedFormat | undefined;
  readonly accepted: readonly AcceptedFormat[];
}

export interface NativeCrypto {
  readonly keeper: KeyKeeper;
  readonly envelope: Envelope;
}

/** A form that is led over to ours. */
export interface AcceptedFormat {
  readonly format: SessionFormat;
  readonly started: StartedFormat;
}

/** Keys and envelope of resolved options, which stand at `path`. The driver stays its owner's. Rejects with a
 *  SessionConfigError. */
export async function openCrypto(
  crypto: ResolvedCrypto,
  driver: CryptoDriver,
  path: string,
  listener: ReloadListener,
): Promise<OpenCrypto> {
  const { format, reload } = crypto;
  if (format) {
    const started = await format.start(`${path}.format`, reload, listener, driver);
    return { keys: started.keys, native: undefined, format: started, accepted: [] };
  }
  const native = await openNative(crypto, driver, listener);
  const accepted: AcceptedFormat[] = [];
  for (const [i, one] of crypto.accept.entries()) {
    const started = await one.start(`${path}.accept[${i}]`, reload, listener, driver);
    accepted.push({ format: one, started });
  }
  return { keys: native.keeper, native, format: undefined, accepted };
}

/** Keys and envelope of our own form, the driver's known answers checked. */
export async function openNative(
  crypto: ResolvedCrypto,
  driver: CryptoDriver,
  listener: ReloadListener,
): Promise<NativeCrypto> {
  const { suite, accepted, ring, salt, sources, reload, keyCache } = crypto;
  await checkDriver(driver, accepted);
  const maker = new RingMaker(driver, { ring, salt });
  const keeper = await new KeyKeeper(sources, maker, reload, listener).start();
  return { keeper, envelope: new Envelope(driver, keeper, { suite, accepted, cacheSize: keyCache }) };
}

async function checkDriver(driver: CryptoDriver, suites: ResolvedCrypto['accepted']): Promise<void> {
  const faults: ConfigFault[] = [];
  for (const suite of suites) {
    const message = await driverFault(driver, suite);
    if (message) faults.push({ path: 'crypto.driver', message });
  }
  if (faults.length) throw new SessionConfigError(faults);
}

/** Once a driver is open it may have less than it could have: a token without a mechanism. */
async function driverFault(driver: CryptoDriver, suite: Suite): Promise<string | undefined> {
  const { name, ciphers } = driver;
  if (!ciphers.includes(suite.cipher))
    return `"${name}" has no ${suite.cipher} here; it has ${ciphers.join(', ') || 'no cipher of our own form'}`;
  const fault = await selfTest(driver, suite).catch((error: unknown) => `it threw (${codeOf(error)})`);
  return fault && `"${name}" fails its self-test: ${fault}`;
}

import type { Awaitable } from '../crypto/awaitable.js';
import type { CbcDriver, CryptoDriver } from '../crypto/crypto-driver.interface.js';
import { SessionDriverError } from '../errors/session-driver.error.js';
import type { DriverChoice } from '../options/resolve-driver.js';
import type { SessionEvents } from '../persistence/session-events.js';

/** Drivers that work in this process alone, so that they lose no key. */
const IN_PROCESS: readonly string[] = ['openssl', 'webcrypto', 'sodium'];

/** Reports whether nothing outside of the process can take the keys of a driver away. Nobody knows that of a user's own driver. */
export const isInProcess = ({ builtIn, name }: DriverChoice): boolean => builtIn && IN_PROCESS.includes(name);

/** Returns a driver that does the same, and emits `driverDown` when it cannot use its keys any more, and `driverUp` when it can
 *  again. */
export function watchDriver(
  driver: CryptoDriver,
  { name: session, events }: { readonly name: string; readonly events: SessionEvents },
): CryptoDriver {
  let isDown = false;
  const failed = (error: unknown): never => {
    if (error instanceof SessionDriverError && !isDown) {
      isDown = true;
      events.emit('driverDown', { session, code: error.reason });
    }
    throw error;
  };
  const worked = <T>(result: T): T => {
    if (isDown) events.emit('driverUp', { session });
    isDown = false;
    return result;
  };
  const watched =
    <A extends unknown[], T>(call: (...args: A) => Awaitable<T>) =>
    (...args: A): Awaitable<T> => {
      try {
        const result = call(...args);
        return result instanceof Promise ? result.then(worked, failed) : worked(result);
      } catch (error) {
        return failed(error);
      }
    };
  return {
    name: driver.name,
    ciphers: driver.ciphers,
    importKey: driver.importKey.bind(driver),
    ...(driver.openKey && { openKey: driver.openKey.bind(driver) }),
    ...(driver.isLost && { isLost: driver.isLost.bind(driver) }),
    ...(driver.derive && { derive: watched(driver.derive.bind(driver)) }),
    expand: watched(driver.expand.bind(driver)),
    seal: watched(driver.seal.bind(driver)),
    open: watched(driver.open.bind(driver)),
    ...(driver.cbc && { cbc: watchedCbc(driver.cbc, watched) }),
  };
}

type Watched = <A extends unknown[], T>(call: (...args: A) => Awaitable<T>) => (...args: A) => Awaitable<T>;

const watchedCbc = (cbc: CbcDriver, watched: Watched): CbcDriver => ({
  ciphers: cbc.ciphers,
  encrypt: watched(cbc.encrypt.bind(cbc)),
  decrypt: watched(cbc.decrypt.bind(cbc)),
});

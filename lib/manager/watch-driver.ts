import type { Awaitable } from '../crypto/awaitable.js';
import type { CbcDriver, CryptoDriver } from '../crypto/crypto-driver.interface.js';
import { SessionDriverError } from '../errors/session-driver.error.js';
import type { DriverChoice } from '../options/resolve-driver.js';
import type { SessionEvents } from '../persistence/session-events.js';
import { TimeoutError, within } from '../stores/time-limit.js';

/** Drivers that work in this process alone, so that they lose no key. */
const IN_PROCESS: readonly string[] = ['openssl', 'webcrypto', 'sodium'];

/** Reports whether nothing outside of the process can take the keys of a driver away. Nobody knows that of a user's own driver. */
export const isInProcess = ({ builtIn, name }: DriverChoice): boolean => builtIn && IN_PROCESS.includes(name);

/** Returns a driver that does the same, and emits `driverDown` when it cannot use its keys any more, and `driverUp` when what
 *  has failed works again. Only that tells: while a token is away, a driver goes on with the keys that it has derived before.
 *
 *  A promise that has not settled after `timeout` milliseconds rejects with a SessionDriverError, so that the next request asks the
 *  driver anew. What comes later is wiped. */
export function watchDriver(
  driver: CryptoDriver,
  { name: session, events }: { readonly name: string; readonly events: SessionEvents },
  timeout: number,
): CryptoDriver {
  const down = new Set<WatchedCall>();
  const failed = (what: WatchedCall, cause: unknown): never => {
    const error = cause instanceof TimeoutError ? new SessionDriverError(what, cause.code) : cause;
    if (error instanceof SessionDriverError) {
      if (!down.size) events.emit('driverDown', { session, code: error.reason });
      down.add(what);
    }
    throw error;
  };
  const worked = <T>(what: WatchedCall, result: T): T => {
    if (!down.size) return result;
    down.delete(what);
    if (what === 'expand') down.delete('derive'); // they use the same keys, and nothing derives until the next reload
    if (!down.size) events.emit('driverUp', { session });
    return result;
  };
  const watched: Watched =
    (what, call) =>
    (...args) => {
      try {
        const result = call(...args);
        if (!(result instanceof Promise)) return worked(what, result);
        return within(performance.now() + timeout, result).then(
          (value) => worked(what, value),
          (error: unknown) => {
            if (error instanceof TimeoutError) result.then(wipe, () => undefined);
            return failed(what, error);
          },
        );
      } catch (error) {
        return failed(what, error);
      }
    };
  return {
    name: driver.name,
    ...(driver.version !== undefined && { version: driver.version }),
    ciphers: driver.ciphers,
    importKey: watched('importKey', driver.importKey.bind(driver)),
    ...(driver.openKey && { openKey: driver.openKey.bind(driver) }),
    ...(driver.isLost && { isLost: driver.isLost.bind(driver) }),
    ...(driver.derive && { derive: watched('derive', driver.derive.bind(driver)) }),
    expand: watched('expand', driver.expand.bind(driver)),
    seal: watched('seal', driver.seal.bind(driver)),
    open: watched('open', driver.open.bind(driver)),
    ...(driver.cbc && { cbc: watchedCbc(driver.cbc, watched) }),
  };
}

/** A plaintext or a key that comes when nobody waits for it any more. */
function wipe(late: unknown): void {
  if (late instanceof Uint8Array) late.fill(0);
}

/** What fails and works apart from the rest. */
type WatchedCall = 'importKey' | 'derive' | 'expand' | 'seal' | 'open' | 'encrypt' | 'decrypt';

type Watched = <A extends unknown[], T>(
  what: WatchedCall,
  call: (...args: A) => Awaitable<T>,
) => (...args: A) => Awaitable<T>;

const watchedCbc = (cbc: CbcDriver, watched: Watched): CbcDriver => ({
  ciphers: cbc.ciphers,
  encrypt: watched('encrypt', cbc.encrypt.bind(cbc)),
  decrypt: watched('decrypt', cbc.decrypt.bind(cbc)),
});

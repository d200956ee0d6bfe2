import type { CryptoDriver } from '../../lib/crypto/crypto-driver.interface.js';

/** The driver, asynchronous throughout: each call looks at what it was given only after up to `turns` turns of the
 *  event loop, so that calls overtake each other and a buffer that is wiped too early is seen wiped. */
export function slowDriver(driver: CryptoDriver, turns = 5): CryptoDriver {
  const later = async <T>(act: () => T | Promise<T>): Promise<T> => {
    for (let left = Math.floor(Math.random() * (turns + 1)); left > 0; left--) await nextTurn();
    const result = await act();
    for (let left = Math.floor(Math.random() * (turns + 1)); left > 0; left--) await nextTurn();
    return result;
  };
  return {
    name: `slow ${driver.name}`,
    ciphers: driver.ciphers,
    importKey: (bytes, use) => later(() => driver.importKey(bytes, use)),
    expand: (key, info, length) => later(() => driver.expand(key, info, length)),
    seal: (...args) => later(() => driver.seal(...args)),
    open: (...args) => later(() => driver.open(...args)),
  };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

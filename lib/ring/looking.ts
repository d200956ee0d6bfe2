import { AsyncLocalStorage } from 'node:async_hooks';

/** All copies of the package share this value: a command line starts the module of an application that has its own. */
const LOOKING = Symbol.for('nestjs-session-crypto/looking');
const holder = globalThis as { [LOOKING]?: AsyncLocalStorage<true> };

/** Runs `work`. A managed ring that is built in it only follows its rows: it makes, promotes, retires and drops no key, and reports no
 *  process. So somebody who looks, perhaps at a wrong address, leaves nothing there. */
export const looking = <R>(work: () => R): R => (holder[LOOKING] ??= new AsyncLocalStorage()).run(true, work);

/** Reports whether the caller runs in {@link looking}. */
export const isLooking = (): boolean => holder[LOOKING]?.getStore() === true;

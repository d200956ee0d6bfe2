import type { ManagedRingOptions } from './ring-options.interface.js';

/** Describes a managed key ring, for `crypto.ring`:
 *
 *      crypto: { secrets: [process.env.SESSION_SECRET], ring: managedRing({ store: typeOrmKeyStore() }) }
 *
 *  The options are checked at start, together with all others. */
export const managedRing = (options: ManagedRingOptions): ManagedRingOptions => options;

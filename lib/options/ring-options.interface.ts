import type { KeyRowStore } from '../stores/key-row-store.interface.js';

/** A key ring that makes its keys itself, publishes them before they seal, and drops them when nothing needs them any more. Then
 *  `crypto.secrets` seals no session; its first secret wraps the keys, and all of them unwrap. See docs/keys.md. */
export interface ManagedRingOptions {
  /** Where the keys are kept, wrapped, so that every process finds them.
   *  @allowed `pgKeyStore()` of `./pg`, `typeOrmKeyStore()` of `./typeorm`, `redisKeyStore()` of `./redis`, `memoryKeyStore()`, or an object with the methods of `KeyRowStore`
   *  @default none: a managed ring requires it */
  readonly store: KeyRowStore;
  /** The name of the key ring, as the text `crypto.ring` is for a ring that is not managed. Several rings may be in one
   *  store.
   *  @allowed at most 200 printable ASCII characters
   *  @default 'default' */
  readonly name?: string;
  /** Seconds for which a key seals until the next one does. No session may be longer.
   *  @allowed 600 to 315360000
   *  @default 7776000 */
  readonly rotation?: number;
  /** Seconds for which a new key is published before it seals, so that every process knows it by then. It is not longer than
   *  `rotation`.
   *  @allowed 120 to 315360000
   *  @default 172800 */
  readonly publishLead?: number;
  /** Seconds for which a key opens after it has stopped sealing. It is never shorter than its default.
   *  @allowed 0 to 315360000
   *  @default the longest session, CSRF token or remember-me cookie, and ten minutes; a day at least if only `idleTimeout` ends sessions */
  readonly keep?: number;
  /** Seconds between two readings of the keys.
   *  @allowed 1 to 60
   *  @default 30 */
  readonly interval?: number;
  /** Adopts sessions that `crypto.secrets` has sealed before the ring was managed: the secrets go on sealing until the first key
   *  was published for `publishLead`, and they open as long as this is set. Remove it when the first key of the
   *  ring has sealed for as long as the longest session lives: until then, whoever has the secrets can make sessions without the store.
   *  @allowed true, false
   *  @default false */
  readonly adopt?: boolean;
  /** Each process says in the store which keys it has, with its host and process id, each `interval`, so that `health()` tells which process is
   *  behind. The row is sealed, and goes ten minutes after its last report.
   *  @allowed true, false
   *  @default true */
  readonly reports?: boolean;
}

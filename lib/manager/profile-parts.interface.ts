import type { TellOperator } from '../errors/log-lines.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { SessionProbes } from '../persistence/session-probes.js';
import type { SessionClock } from '../record/session-clock.js';
import type { CryptoParts } from './open-crypto.js';
import type { TransSid } from './open-trans-sid.js';
import type { OperatorWarnings } from './operator-warnings.js';
import type { ProfileStore } from './profile-store.js';

/** Everything that a profile is made of. */
export interface ProfileParts {
  /** The name of the session. */
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly crypto: CryptoParts;
  readonly store: ProfileStore;
  /** Seconds since 1970 until which a session of a foreign format may still come into the store, by any profile; 0 for none. */
  readonly migrationEnd: number;
  /** Puts ids into pages; absent where `id.transSid` is off. */
  readonly transSid: TransSid | undefined;
  readonly events: SessionEvents;
  readonly probes: SessionProbes;
  readonly clock: SessionClock;
  readonly warnings: OperatorWarnings;
  readonly tell: TellOperator;
}

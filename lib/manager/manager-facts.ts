import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { SessionManager } from './session-manager.js';

/** What a feature on top has to know of a session before it starts. */
export interface ManagerFacts {
  readonly name: string;
  readonly events: SessionEvents;
  /** The stores of all profiles. */
  readonly stores: readonly ResolvedOptions['store'][];
  /** The names of the cookies of all profiles. */
  readonly cookieNames: readonly string[];
  /** What becomes of a start while a store is away. */
  readonly onStoreDownAtStart: ResolvedOptions['onStoreDownAtStart'];
  /** True if every profile seals in the native format, whose keys can seal other values too. */
  readonly sealsNatively: boolean;
}

export const factsOf = ({ name, events, base, profiles }: SessionManager): ManagerFacts => ({
  name,
  events,
  stores: profiles.map(({ options }) => options.store),
  cookieNames: profiles.flatMap(({ cookieNames }) => cookieNames),
  onStoreDownAtStart: base.options.onStoreDownAtStart,
  sealsNatively: profiles.every(({ envelope }) => envelope !== undefined),
});

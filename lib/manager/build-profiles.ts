import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { TellOperator } from '../errors/log-lines.js';
import type { ResolvedContext, ResolvedOptions } from '../options/resolved-options.interface.js';
import { longestNeed } from '../options/resolve-ring.js';
import { migrationEndOf } from '../persistence/migration-mark.js';
import type { SessionEvents } from '../persistence/session-events.js';
import { SessionProbes } from '../persistence/session-probes.js';
import type { SessionClock } from '../record/session-clock.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import { keysMessageOf } from './safe-message.js';
import { hintText } from '../crypto/key-hint.js';
import type { RingListener } from './manage-keys.js';
import { openCrypto, type CryptoParts, type EpochParts } from './open-crypto.js';
import { openTransSid } from './open-trans-sid.js';
import { OperatorWarnings } from './operator-warnings.js';
import type { Placed } from './profile-selector.js';
import { ProfileStore } from './profile-store.js';
import { SessionProfile } from './session-profile.js';

/** What all profiles of one `forRoot` share. */
export interface SharedParts {
  /** The name of the session. */
  readonly name: string;
  readonly events: SessionEvents;
  readonly clock: SessionClock;
  readonly tell: TellOperator;
}

/** The profiles of one `forRoot`. */
export interface BuiltProfiles {
  readonly base: SessionProfile;
  readonly contexts: readonly Placed<SessionProfile>[];
  /** What watches all of them. */
  readonly probes: SessionProbes;
}

/** Builds the base profile and one profile for each context. Profiles with the same `crypto` share their keys, and those
 *  with the same `store` share the store and its health. Rejects with a SessionConfigError. */
export async function buildProfiles(
  options: ResolvedOptions,
  shared: SharedParts,
  driver: CryptoDriver,
): Promise<BuiltProfiles> {
  const probes = new SessionProbes(shared.name);
  const epochs = { ...epochsOf(options, shared), watch: probes };
  const builder = new ProfileBuilder(shared, driver, epochs, allOptions(options), probes);
  const base = await builder.build(options, 'crypto');
  const contexts: Placed<SessionProfile>[] = [];
  for (const [i, place] of options.contexts.entries())
    contexts.push(await builder.buildContext(place, `contexts[${i}].crypto`));
  return { base, contexts, probes };
}

/** Builds profiles, and keeps the keys and stores that several of them share. */
class ProfileBuilder {
  private readonly keys = new Map<ResolvedOptions['crypto'], CryptoParts>();
  private readonly stores = new Map<ResolvedOptions['store'], ProfileStore>();
  private readonly warnings: OperatorWarnings;

  constructor(
    private readonly shared: SharedParts,
    private readonly driver: CryptoDriver,
    private readonly epochs: EpochParts,
    /** The options of all profiles. */
    private readonly all: readonly ResolvedOptions[],
    private readonly probes: SessionProbes,
  ) {
    this.warnings = new OperatorWarnings(shared.tell);
  }

  async buildContext(place: ResolvedContext, path: string): Promise<Placed<SessionProfile>> {
    return { place, profile: await this.build(place.options, path) };
  }

  async build(options: ResolvedOptions, path: string): Promise<SessionProfile> {
    const crypto = await this.cryptoOf(options, path);
    const transSid = await openTransSid(options.id.transSid);
    const { warnings, probes } = this;
    return new SessionProfile({
      ...this.shared,
      probes,
      options,
      crypto,
      store: this.storeOf(options),
      migrationEnd: this.migrationEndOf(options),
      transSid,
      warnings,
    });
  }

  private async cryptoOf({ crypto }: ResolvedOptions, path: string): Promise<CryptoParts> {
    const known = this.keys.get(crypto);
    if (known) return known;
    const listener = reloadListener(this.shared);
    const opened = await openCrypto(crypto, this.driver, path, listener, this.epochs);
    this.keys.set(crypto, opened);
    return opened;
  }

  private storeOf(options: ResolvedOptions): ProfileStore {
    const known = this.stores.get(options.store);
    if (known) return known;
    const { name, events } = this.shared;
    const store = new ProfileStore(name, options, events, this.timeouts, this.probes);
    this.stores.set(options.store, store);
    return store;
  }

  private get timeouts(): SessionTimeouts[] {
    return this.all.map(({ timeouts }) => timeouts);
  }

  /** The profiles that share a store share its marks. */
  private migrationEndOf({ store }: ResolvedOptions): number {
    const accepted = this.all.filter((one) => one.store === store).flatMap(({ crypto }) => crypto.accept);
    return migrationEndOf(accepted.map(({ migrationSource }) => migrationSource!));
  }
}

/** Returns what decides how long an epoch lasts: the longest timeout of all profiles, and the clock of the sessions. */
function epochsOf(options: ResolvedOptions, { clock }: SharedParts): EpochParts {
  const seconds = allOptions(options).flatMap(({ timeouts: { idleTimeout, absoluteTimeout } }) => [
    idleTimeout,
    absoluteTimeout,
  ]);
  return {
    longestTimeout: Math.max(...seconds),
    now: () => clock(new Date()).getTime(),
    need: longestNeed(options),
    steady: () => clock(new Date(performance.timeOrigin + performance.now())).getTime(),
  };
}

const allOptions = (options: ResolvedOptions): ResolvedOptions[] => [
  options,
  ...options.contexts.map((context) => context.options),
];

/** Reports each reload of keys, and each change of a managed ring, as an event; the message never holds a secret. */
const reloadListener = ({ name, events, tell }: SharedParts): RingListener => ({
  reloaded: (keys, hints) => events.emit('keysReloaded', { session: name, keys, hints }),
  failed: (error) => events.emit('keysFailed', { session: name, message: keysMessageOf(error) }),
  changed: (hint, state) => events.emit('keyChanged', { session: name, hint: hintText(hint), state }),
  tell,
});

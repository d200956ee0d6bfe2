import { kindOf } from '../errors/session-config.error.js';
import { KEEP_MARGIN, SETTLED_AFTER, type RingRules } from '../ring/ring-plan.js';
import type { MigratedFormat, SessionFormat } from '../persistence/session-format.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { KeyRowStore } from '../stores/key-row-store.interface.js';
import { TEN_YEARS } from './limits.js';
import { OptionReader } from './option-reader.js';

/** Names of key rings, tenants and other labels. */
export const LABEL = /^[\x20-\x7e]{0,200}$/;
export const LABEL_RULE = 'a text of at most 200 printable ASCII characters';

/** A managed ring, checked. */
export interface ResolvedRing {
  readonly store: KeyRowStore;
  readonly rotation: number;
  readonly publishLead: number;
  /** `undefined`: as long as the longest session. */
  readonly keep: number | undefined;
  readonly interval: number;
  readonly adopt: boolean;
  readonly reports: boolean;
}

/** The name of a ring, and how it is managed; `managed` is `undefined` for a ring of `crypto.secrets`. */
export interface RingChoice {
  readonly ring: string;
  readonly managed: ResolvedRing | undefined;
}

/** Reads `crypto.ring`: a name, or the options of a managed ring. */
export function resolveRing(reader: OptionReader): RingChoice {
  const given = reader.take('ring');
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const allowed = `${LABEL_RULE}, or managedRing({ store, … })`;
    return { ring: reader.text('ring', 'default', LABEL, allowed), managed: undefined };
  }
  return resolveManaged(reader.sub('ring'));
}

function resolveManaged(reader: OptionReader): RingChoice {
  const rotation = reader.integer('rotation', 7_776_000, 'seconds', [600, TEN_YEARS]);
  const publishLead = reader.integer('publishLead', 172_800, 'seconds', [SETTLED_AFTER, TEN_YEARS]);
  const managed = {
    store: resolveStore(reader),
    rotation,
    publishLead,
    keep:
      reader.take('keep') === undefined ? undefined : reader.integer('keep', 0, 'seconds', [0, TEN_YEARS]),
    interval: reader.integer('interval', 30, 'seconds', [1, 60]),
    adopt: reader.choice('adopt', false, [true, false]),
    reports: reader.choice('reports', true, [true, false]),
  };
  if (publishLead > rotation)
    reader.addFault(
      'publishLead',
      `is ${publishLead}, and crypto.ring.rotation is ${rotation}: a key would be published before the one that it follows seals; make publishLead smaller or rotation longer`,
    );
  const ring = reader.text('name', 'default', LABEL, LABEL_RULE);
  reader.end();
  return { ring, managed };
}

/** A store that nobody uses, since its fault stops the start. */
const NOWHERE = {} as KeyRowStore;

function resolveStore(reader: OptionReader): KeyRowStore {
  const store = reader.take('store') as Partial<KeyRowStore> | undefined;
  const { load, insert, update, remove } = Object(store) as Partial<KeyRowStore>;
  if ([load, insert, update, remove].every((method) => typeof method === 'function'))
    return store as KeyRowStore;
  reader.addFault('store', `is ${kindOf(store)}; ${ALLOWED}${meantBy(store)}`);
  return NOWHERE;
}

const ALLOWED =
  'allowed are pgKeyStore({ pool }) of nestjs-session-crypto/pg, typeOrmKeyStore() of ./typeorm, redisKeyStore({ client }) of ./redis, ' +
  'memoryKeyStore() for tests, or an object with the methods of KeyRowStore';

/** Guesses what was meant by a store of sessions. */
function meantBy(store: unknown): string {
  const { kind, create, replace } = Object(store) as { kind?: unknown; create?: unknown; replace?: unknown };
  if (typeof create !== 'function' || typeof replace !== 'function') return '';
  const maker = kind === 'redis' ? 'redisKeyStore({ client })' : 'typeOrmKeyStore() or pgKeyStore({ pool })';
  return `; a store of sessions keeps no keys: write ${maker}`;
}

/** Options that one managed ring serves: where they are, and the timeouts of their sessions. */
export interface RingUse {
  /** The option path of the timeouts, such as `contexts[0].session`. */
  readonly path: string;
  readonly managed: ResolvedRing | undefined;
  readonly timeouts: SessionTimeouts;
}

/** Adds a fault for each set of options whose sessions may outlive the keys of its ring. */
export function checkRings(reader: OptionReader, uses: readonly RingUse[]): void {
  for (const { path, managed, timeouts } of uses) if (managed) checkUse(reader, path, managed, timeouts);
}

function checkUse(
  reader: OptionReader,
  path: string,
  { rotation, keep }: ResolvedRing,
  timeouts: SessionTimeouts,
): void {
  const [name, longest] = longestOf(timeouts);
  if (!longest)
    reader.addFault(
      'crypto.ring',
      `drops keys, and sessions have no end: ${path}.absoluteTimeout and ${path}.idleTimeout are 0; set one of them`,
    );
  const relation = `and ${path}.${name} is ${longest}`;
  if (rotation < longest)
    reader.addFault(
      'crypto.ring.rotation',
      `is ${rotation}, ${relation}: keys would follow each other faster than sessions end; make rotation longer or ${name} shorter`,
    );
  if (keep !== undefined && keep < longest)
    reader.addFault(
      'crypto.ring.keep',
      `is ${keep}, ${relation}: keys would be dropped before their sessions end; remove keep, or make it longer`,
    );
}

/** Returns the longest life of a session, and the option that limits it; 0 for no limit. A session that is used is sealed by the
 *  first key, so without an absolute timeout the idle timeout is the longest time that an old key is needed. */
function longestOf({
  absoluteTimeout,
  idleTimeout,
}: SessionTimeouts): ['absoluteTimeout' | 'idleTimeout', number] {
  return absoluteTimeout ? ['absoluteTimeout', absoluteTimeout] : ['idleTimeout', idleTimeout];
}

const DAY = 86_400;

type Accepted = SessionFormat | MigratedFormat;

/** Options whose sessions need keys. */
interface NeedOfKeys {
  readonly timeouts: SessionTimeouts;
  readonly csrf: { readonly lifetime: number };
  readonly crypto: { readonly accept: readonly Accepted[] };
}

/** Returns the seconds for which a key is needed after it has stopped sealing, over all sets of options: no session, no CSRF
 *  token and, at `now` (milliseconds since 1970), no converted session lives longer. Without an absolute timeout it is a day at
 *  least, since what leads from an old id to the new one lives that long. */
export function longestNeed(
  { contexts, ...base }: NeedOfKeys & { readonly contexts: readonly { readonly options: NeedOfKeys }[] },
  now = Date.now(),
): number {
  const all = [base, ...contexts.map(({ options }) => options)];
  return Math.max(
    ...all.map(({ timeouts: { absoluteTimeout, idleTimeout }, csrf, crypto }) =>
      Math.max(idleTimeout, csrf.lifetime, absoluteTimeout || DAY, ...crypto.accept.map(convertedFor(now))),
    ),
  );
}

/** Returns the seconds for which a session can live that `session-crypto convert` has stored. */
const convertedFor =
  (now: number) =>
  (one: Accepted): number =>
    'startMigration' in one ? Math.ceil((one.migrationSource.until.getTime() - now) / 1000) : 0;

/** Returns the rules of a ring. `need` is its {@link longestNeed}. */
export const rulesOf = (
  { rotation, publishLead, keep, adopt }: Omit<ResolvedRing, 'store' | 'interval' | 'reports'>,
  need: number,
): RingRules => ({
  rotation,
  publishLead,
  keep: Math.max(keep ?? 0, need + KEEP_MARGIN),
  adopts: adopt,
});

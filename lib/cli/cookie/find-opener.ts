import type { Awaitable } from '../../crypto/awaitable.js';
import type { EnvelopeContext } from '../../envelope/envelope-context.js';
import type { RejectReason } from '../../errors/envelope.error.js';
import { homeOf, otherContexts, type MoreNames, type Place } from './places.js';

/** A context under which a value is tried. */
export interface Attempt {
  readonly place: Place;
  readonly context: EnvelopeContext;
  /** True if a request would try it: the cookie has its own name, or none was given. */
  readonly isHome: boolean;
}

/** What opened, and where. */
export interface Found<T> {
  readonly opened: T;
  readonly attempt: Attempt;
}

/** Reasons, the one that says most of a value first. */
const TELLING: readonly RejectReason[] = [
  'tag',
  'commitment',
  'unknown-key',
  'version',
  'encoding',
  'length',
];

/** Opens a value where a request would open it, and otherwise anywhere. Resolves to what opened first, or to the reason that says
 *  most. */
export async function findOpener<T extends object>(
  places: readonly Place[],
  kind: 'envelope' | 'reference',
  name: string | undefined,
  more: MoreNames,
  open: (attempt: Attempt) => Awaitable<T | RejectReason>,
): Promise<Found<T> | RejectReason> {
  const reasons = new Set<RejectReason>();
  const hopeless = new Set<unknown>();
  for (const attempt of attemptsOf(places, kind, name, more)) {
    const { crypto } = attempt.place.profile;
    if (hopeless.has(crypto)) continue;
    const opened = await open(attempt);
    if (typeof opened !== 'string') return { opened, attempt };
    reasons.add(opened);
    if (opened !== 'tag') hopeless.add(crypto); // no context changes that
  }
  return TELLING.find((reason) => reasons.has(reason)) ?? 'tag';
}

/** The places of the cookie's name come first, then other places, then contexts that nobody has configured. */
function attemptsOf(
  places: readonly Place[],
  kind: 'envelope' | 'reference',
  name: string | undefined,
  more: MoreNames,
): Attempt[] {
  const native = places.filter(({ profile }) => profile.envelope);
  const attempts = native.map((place) => ({
    place,
    context: homeOf(place),
    isHome: (name === undefined || place.endpoint.cookie.name === name) && keepsAs(place) === kind,
  }));
  const homes = attempts.toSorted((a, b) => Number(b.isHome) - Number(a.isHome));
  const rings = native.filter(
    (place, i) => native.findIndex(({ profile }) => profile.crypto === place.profile.crypto) === i,
  );
  const contexts = otherContexts(native, kind, name, more);
  const elsewhere = rings.flatMap((place) => contexts.map((context) => ({ place, context, isHome: false })));
  return [...homes, ...elsewhere];
}

/** What the cookie of a place holds. */
const keepsAs = ({ profile: { store } }: Place): 'envelope' | 'reference' | undefined => {
  if (store.foreign) return undefined;
  return store.rows ? 'reference' : 'envelope';
};

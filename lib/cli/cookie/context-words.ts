import type { ContextItems } from '../../envelope/envelope-context.js';
import { cleanText } from '../printable.js';
import type { ExplainedContext, Outcome } from './explanation.interface.js';
import type { Attempt } from './find-opener.js';
import { homeOf, unique, type Place } from './places.js';

/** Returns the context of an attempt as a person reads it. */
export function contextOf({ place, context: { items } }: Attempt): ExplainedContext {
  const isConfigured = sameItems(homeOf(place).items, items);
  return { ...(isConfigured && { options: place.label }), ...items };
}

const ITEMS = ['purpose', 'store', 'name', 'tenant', 'audience'] as const;
const sameItems = (a: ContextItems, b: ContextItems): boolean => ITEMS.every((item) => a[item] === b[item]);

/** Returns the outcome of a value that opens under a context that no request would try for it. */
export const refusedElsewhere = (
  attempt: Attempt,
  places: readonly Place[],
  name: string | undefined,
): Outcome => ({ verdict: 'refused', reason: 'context', ...whyElsewhere(attempt, places, name) });

function whyElsewhere(
  { context: { items } }: Attempt,
  places: readonly Place[],
  name: string | undefined,
): { why: string; remedy: string } {
  if (items.purpose === 'sealed')
    return { why: 'it is a value of createSealer(), and no session', remedy: PASS };
  if (items.purpose !== 'session')
    return { why: 'it is a token of remember-me, which is another cookie', remedy: PASS };
  const homes = places.map((place) => homeOf(place).items);
  const closest = homes.toSorted((a, b) => differences(items, a) - differences(items, b))[0]!;
  const came = cleanText(name ?? closest.name, 128);
  if (items.store !== closest.store)
    return {
      why: `it is a session that is kept in ${keptIn(items.store)}, and these options keep sessions in ${keptIn(closest.store)}`,
      remedy:
        'if you have changed the store, users log in once more; if not, pass the options of the application that set it',
    };
  const { why, remedy } = whyOtherName(items, closest, came, homes);
  return { why: `it is sealed for ${why}`, remedy };
}

const PASS = 'pass the session cookie';

function whyOtherName(
  items: ContextItems,
  closest: ContextItems,
  came: string,
  homes: readonly ContextItems[],
): { why: string; remedy: string } {
  if (items.audience !== closest.audience)
    return {
      why: `the audience "${cleanText(items.audience)}", and these options have "${cleanText(closest.audience)}"`,
      remedy: 'it belongs to another application with the same secrets, or crypto.audience was changed',
    };
  if (items.tenant !== closest.tenant)
    return {
      why: `the tenant "${cleanText(items.tenant)}", and these options have "${cleanText(closest.tenant)}"`,
      remedy: 'it belongs to another tenant, or crypto.tenant was changed',
    };
  const own = cleanText(items.name, 128);
  if (own !== came)
    return {
      why: `the cookie ${own}, and came as the cookie ${came}`,
      remedy: `a session counts only in its own cookie: find out what has copied it from ${own} to ${came}`,
    };
  return {
    why: `the cookie ${own}, and these options read ${unique(homes.map((home) => cleanText(home.name, 128))).join(' and ')}`,
    remedy:
      'cookie.name or cookie.secure was changed, which logs everybody out once, or another application has set it',
  };
}

const differences = (a: ContextItems, b: ContextItems): number =>
  ITEMS.filter((item) => a[item] !== b[item]).length;

/** Returns where sessions of a kind of store wait. */
export const keptIn = (store: string): string =>
  store === 'cookie' ? 'the cookie' : `a server store (${cleanText(store, 40)})`;

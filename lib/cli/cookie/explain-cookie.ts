import { shapeOf, repaired, type ShapeFault } from './cookie-shape.js';
import type { PastedCookie } from './cookie-text.js';
import { explainEnvelope } from './explain-envelope.js';
import { explainMigrated, explainShared } from './explain-foreign.js';
import { explainReference } from './explain-reference.js';
import type { Explanation, ExplainOptions, Part } from './explanation.interface.js';
import { foreignCookie, likelyCookie, type ForeignCookie } from './foreign-cookies.js';
import { keyFacts } from './key-facts.js';
import type { Place } from './places.js';

/** Explains one cookie. `siblings` are all cookies that came with it. Changes nothing, in no store. */
export async function explainCookie(
  places: readonly Place[],
  cookie: PastedCookie,
  siblings: readonly PastedCookie[],
  options: ExplainOptions = {},
): Promise<Explanation> {
  const part = await partOf(places, cookie, siblings, options);
  const deletes = cookie.attributes?.some((one) => /^max-age=(?:0|-\d+)$/.test(one));
  if (!deletes) return { name: cookie.name, ...part };
  const why = `this line removes the cookie from the browser; ${part.why}`;
  return { name: cookie.name, ...part, why };
}

async function partOf(
  places: readonly Place[],
  cookie: PastedCookie,
  siblings: readonly PastedCookie[],
  options: ExplainOptions,
): Promise<Part> {
  const { name, value } = cookie;
  const migrated = await explainMigrated(places, cookie, siblings);
  if (migrated) return migrated;
  const shared = await explainShared(places, cookie, options);
  if (shared?.verdict === 'accepted') return shared;
  const sure = foreignCookie(value, name);
  if (sure) return shared ?? foreign(sure);
  if (shared && places.every(({ profile }) => !profile.envelope)) return shared;
  return explainNative(places, cookie, options);
}

async function explainNative(
  places: readonly Place[],
  { name, value }: PastedCookie,
  options: ExplainOptions,
): Promise<Part> {
  const shape = shapeOf(value);
  if (shape.kind === 'envelope') return explainEnvelope(places, name, value, shape, options);
  if (shape.kind === 'reference') return explainReference(places, name, value, shape.header, options);
  const isOurs = shape.header !== undefined && keyFacts(shape.header.hint, places).place !== undefined;
  const likely = isOurs || !value ? undefined : likelyCookie(value, name);
  return likely ? foreign(likely) : explainFault(places, value, shape, isOurs);
}

/** Says also whether the value would have our form if nothing had written it anew. */
function explainFault(
  places: readonly Place[],
  value: string,
  { reason, why, remedy, header }: ShapeFault,
  isOurs: boolean,
): Part {
  const before = reason === 'encoding' ? repaired(value) : undefined;
  const fits = before !== undefined && shapeOf(before).kind !== 'fault';
  return {
    verdict: isOurs || fits || !value || reason === 'length' ? 'refused' : 'foreign',
    reason,
    why: fits ? `${why}; without that it has the form of a cookie of this package` : why,
    remedy,
    ...(header &&
      (isOurs || reason === 'length') && { key: keyFacts(header.hint, places), epoch: header.epoch }),
  };
}

const foreign = ({ what, remedy }: ForeignCookie): Part => ({
  verdict: 'foreign',
  reason: 'foreign',
  why: `this is ${what}`,
  remedy: remedy ?? 'pass the cookie of this application',
});

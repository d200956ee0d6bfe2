import { ReferenceTokens, type Reference } from '../../envelope/reference-token.js';
import { contextOf, refusedElsewhere } from './context-words.js';
import type { Header } from './cookie-shape.js';
import { whyClosed } from './explain-envelope.js';
import { RowReader } from './explain-row.js';
import type { ExplainOptions, Part } from './explanation.interface.js';
import { findOpener } from './find-opener.js';
import { keyFacts } from './key-facts.js';
import { isStoreError } from './open-keys.js';
import type { Place } from './places.js';

/** Explains a reference to a session that a server store keeps. */
export async function explainReference(
  places: readonly Place[],
  name: string | undefined,
  text: string,
  header: Header,
  options: ExplainOptions,
): Promise<Part> {
  const known = { format: 'reference to a stored session (0x81)', key: keyFacts(header.hint, places) };
  const found = await findOpener<Reference>(places, 'reference', name, options, ({ place, context }) =>
    new ReferenceTokens(place.profile.crypto.native!.keys, context).read(text),
  );
  if (typeof found === 'string') return { ...known, ...(await whyClosed(found, header, places)) };
  const { opened, attempt } = found;
  const context = contextOf(attempt);
  const key = ReferenceTokens.rowKey(opened.token);
  opened.token.fill(0);
  if (!attempt.isHome) return { ...known, context, ...refusedElsewhere(attempt, places, name) };
  try {
    return { ...known, context, ...(await new RowReader(attempt.place, options).explain(key, opened.stale)) };
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return {
      ...known,
      context,
      verdict: 'unknown',
      reason: 'store',
      why: `the cookie is authentic, and the store does not answer (${error.reason})`,
      remedy: 'look at the database, not at the cookie: "session-crypto doctor" says whether it answers',
    };
  }
}

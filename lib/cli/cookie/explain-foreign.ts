import type { RejectReason } from '../../errors/envelope.error.js';
import { secondOf } from '../times.js';
import { sessionFacts, shownData } from './session-facts.js';
import { live } from './explain-envelope.js';
import type { ExplainOptions, Outcome, Part } from './explanation.interface.js';
import type { PastedCookie } from './cookie-text.js';
import type { Place } from './places.js';

/** Explains a cookie by options with a format or store of another program, which has neither hints nor contexts. Resolves to
 *  `undefined` if no options have one. */
export async function explainShared(
  places: readonly Place[],
  { name, value }: PastedCookie,
  options: ExplainOptions,
): Promise<Part | undefined> {
  const shared = places.filter(
    ({ profile, endpoint }) =>
      (!profile.envelope || profile.store.foreign) && (name === undefined || endpoint.cookie.name === name),
  );
  let closed: Part | undefined;
  for (const place of shared) {
    const part = await openShared(place, value, options);
    if (part.verdict === 'accepted') return part;
    closed ??= part;
  }
  return closed;
}

async function openShared(
  { profile, endpoint }: Place,
  value: string,
  options: ExplainOptions,
): Promise<Part> {
  const { store, crypto } = profile;
  const what = store.foreign ? `store ${store.kind}` : `format ${profile.options.crypto.format!.name}`;
  const known = { format: `${what}, ${value.length} characters, ${crypto.keys.ring.keys.length} keys` };
  const found = await endpoint.repository.open(value);
  if (found.kind === 'ended')
    return {
      ...known,
      verdict: 'ended',
      reason: 'tombstone',
      why: 'the session has ended or moved',
      remedy: 'log in again',
    };
  if (found.kind === 'none') return { ...known, ...whySharedClosed(found.reason, store.kind) };
  const { record, stale } = found.entry;
  return {
    ...known,
    ...live(stale),
    session: sessionFacts(record, undefined, profile.options.timeouts, found.now),
    ...shownData(record, options),
  };
}

function whySharedClosed(reason: RejectReason, kind: string): Outcome {
  if (reason === 'expired')
    return { verdict: 'ended', reason, why: 'the session has reached its timeout', remedy: 'log in again' };
  if (reason === 'absent')
    return {
      verdict: 'ended',
      reason,
      why: `the store "${kind}" has no session of this id`,
      remedy: 'log in again; if everybody is logged out, compare its place with that of the other program',
    };
  return {
    verdict: 'refused',
    reason,
    why: WHY[reason] ?? WHY.tag!,
    remedy: 'compare passphrases and cipher with those of the other program, and copy the whole value',
  };
}

const WHY: Partial<Record<RejectReason, string>> = {
  length: 'it is too short or too long for this format: half a cookie, or one of another program',
  encoding: 'it is not in the alphabet of this format: half a cookie, or one of another program',
  tag: 'no passphrase of these options opens it: another one has sealed it, or bytes were changed',
  payload: 'it opens, and holds no session that this format knows',
};

/** Explains a cookie of another package whose sessions are migrated (`crypto.accept`). Resolves to `undefined` if its name is
 *  none of theirs. */
export async function explainMigrated(
  places: readonly Place[],
  { name, value }: PastedCookie,
  siblings: readonly PastedCookie[],
): Promise<Part | undefined> {
  for (const { endpoint } of places) {
    const source = endpoint.migrationSources.find(({ cookie }) => cookie.name === name);
    if (!source) continue;
    const signature = siblings.find((one) => one.name === source.signature?.name)?.value;
    const text = source.signature ? `${value};${signature ?? ''}` : value;
    const known = { format: `cookie of ${source.format}, which crypto.accept names` };
    const opened = text.length < source.reader.shortest ? 'length' : await source.reader.open(text);
    if (typeof opened === 'string')
      return {
        ...known,
        verdict: opened === 'expired' ? 'ended' : 'refused',
        reason: opened,
        why: `${source.format} has not made it with the secrets of crypto.accept (${opened})`,
        remedy:
          source.signature && !signature
            ? 'pass the whole Cookie header with its signature'
            : 'compare the secrets',
      };
    const isOver = source.until.getTime() <= endpoint.repository.now() * 1000;
    return {
      ...known,
      verdict: isOver ? 'ended' : 'accepted',
      reason: isOver ? 'migration-over' : 'migrates',
      why: isOver
        ? `the session is authentic, and no session of ${source.format} is taken over since ${secondOf(source.until)}`
        : `the session is authentic, and is taken over with its next request; this ends at ${secondOf(source.until)}`,
    };
  }
  return undefined;
}

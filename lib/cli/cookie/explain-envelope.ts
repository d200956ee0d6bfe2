import { NO_ROW } from '../../envelope/envelope-context.js';
import type { Opened } from '../../envelope/envelope.js';
import type { RejectReason } from '../../errors/envelope.error.js';
import type { SessionLookup } from '../../persistence/session-repository.interface.js';
import { decodeRecord, type SessionRecord } from '../../record/session-record.js';
import { contextOf, refusedElsewhere } from './context-words.js';
import type { Header } from './cookie-shape.js';
import type { ExplainOptions, Outcome, Part } from './explanation.interface.js';
import { findOpener, type Attempt } from './find-opener.js';
import { keyFacts, whyUnknownKey } from './key-facts.js';
import type { Place } from './places.js';
import { sessionFacts, shownData, whyExpired } from './session-facts.js';

/** Explains a session that the cookie holds itself. */
export async function explainEnvelope(
  places: readonly Place[],
  name: string | undefined,
  text: string,
  { header, bytes }: { readonly header: Header; readonly bytes: Buffer },
  options: ExplainOptions,
): Promise<Part> {
  const known = {
    format: `sealed session, ${header.suite!.cipher} (0x${header.suite!.version.toString(16)}), ${text.length} characters`,
    key: keyFacts(header.hint, places),
    epoch: header.epoch,
  };
  const found = await findOpener<Opened>(places, 'envelope', name, options, ({ place, context }) =>
    place.profile.envelope!.open(bytes, context, NO_ROW),
  );
  if (typeof found === 'string') return { ...known, ...(await whyClosed(found, header, places)) };
  const { opened, attempt } = found;
  const context = contextOf(attempt);
  const record = decodeRecord(opened.plaintext, attempt.place.profile.options.payloadLimit);
  opened.plaintext.fill(0);
  if (!attempt.isHome) return { ...known, context, ...refusedElsewhere(attempt, places, name) };
  if (typeof record === 'string') return { ...known, context, ...malformed(record) };
  return { ...known, context, ...(await judged(attempt, text, record, options)) };
}

/** Asks the repository, as a request does, so that revocations count. */
async function judged(
  { place: { profile, endpoint } }: Attempt,
  text: string,
  record: SessionRecord,
  options: ExplainOptions,
): Promise<Outcome & Pick<Part, 'session' | 'data'>> {
  const session = sessionFacts(record, record.id, profile.options.timeouts, profile.now());
  const shown = shownData(record, options);
  const found = await endpoint.repository.open(text);
  if (found.kind === 'none' && found.reason === 'expired')
    return { verdict: 'ended', reason: 'expired', why: whyExpired(session), session, ...shown };
  return { ...outcomeOf(found), session, ...shown };
}

function outcomeOf(found: SessionLookup): Outcome {
  if (found.kind === 'live') return live(found.entry.stale);
  if (found.kind === 'ended' && found.reused) return REPLAYED;
  if (found.kind === 'none' && found.reason === 'length') return TOO_LONG;
  return REVOKED;
}

/** Returns the outcome of a cookie that brings a session. */
export const live = (stale: boolean): Outcome => ({
  verdict: 'accepted',
  reason: stale ? 'stale' : 'live',
  why: stale
    ? 'a request with this cookie has a session; an old key or cipher has sealed it, so it is sealed anew when it is next stored'
    : 'a request with this cookie has a session',
});

const REPLAYED = {
  verdict: 'ended',
  reason: 'replayed',
  why: 'this is an older state of a session that was changed since, so somebody has kept the cookie',
  remedy: 'if it comes again and again, it may be stolen: end the sessions of its user (revoke-subject)',
} as const;

const REVOKED = {
  verdict: 'ended',
  reason: 'revoked',
  why: 'a mark on the server ends it: by a logout, a login or a revocation',
  remedy: 'log in again',
} as const;

const TOO_LONG = {
  verdict: 'refused',
  reason: 'length',
  why: 'name and value have more than 4096 bytes, which browsers do not keep',
  remedy: 'store less in the session, or use a server store',
} as const;

const malformed = (reason: RejectReason): Outcome => ({
  verdict: 'refused',
  reason,
  why:
    reason === 'frame'
      ? 'it opens, and its frame has a form that this version does not know: a later version has made it'
      : 'it opens, and its payload is no session: it has more bytes than session.payloadLimit, or a later version has made it',
  remedy: 'run the same version and options on all servers',
});

/** Returns why nothing opens a value of our form. */
export async function whyClosed(
  reason: RejectReason,
  header: Header,
  places: readonly Place[],
): Promise<Outcome & Pick<Part, 'key'>> {
  const refused = { verdict: 'refused', reason, key: keyFacts(header.hint, places) } as const;
  if (reason === 'unknown-key') {
    const { state, ...unknown } = await whyUnknownKey(header, places);
    return { ...refused, key: { hint: header.hint, state }, ...unknown };
  }
  if (reason === 'version')
    return {
      ...refused,
      why: `it is sealed with ${header.suite?.cipher ?? 'a cipher of another driver'}, and these options open ${ciphersOf(places)}`,
      remedy: `add it to crypto.acceptCiphers until its sessions have ended`,
    };
  return { ...refused, ...CLOSED[reason === 'commitment' ? 'commitment' : 'tag'] };
}

const CLOSED = {
  commitment: {
    why: 'the ring has a key of this hint, and the key has not made this value: bytes at the beginning were changed',
    remedy: 'copy the value again; if it comes so from the browser, something on the way changes cookies',
  },
  tag: {
    why: 'the key fits, and the tag does not: bytes were changed, the end is cut off, or it is sealed for a cookie name, audience or tenant that these options do not have',
    remedy: 'copy the whole value again; to try other names, pass --name, --audience or --tenant',
  },
} as const;

const ciphersOf = (places: readonly Place[]): string =>
  [
    ...new Set(places.flatMap(({ profile }) => profile.options.crypto.accepted.map(({ cipher }) => cipher))),
  ].join(', ');

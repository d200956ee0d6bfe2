import { andThen, type Awaitable } from '../crypto/awaitable.js';
import type { SessionEvents } from './session-events.js';
import { probed, type SessionProbes } from './session-probes.js';
import type { SessionLookup, SessionRepository, StoredSession } from './session-repository.interface.js';

/** The number of different cookies with our name that are opened at most. A request with more is anonymous: to try only
 *  some of them would let the sender of the first ones choose the session. */
export const MAX_CANDIDATES = 4;

/** What the cookies with our name led to. */
export interface CandidateLookup {
  readonly found: SessionLookup;
  /** True if the browser should forget the cookie: there is one, and it holds bytes that are not ours. */
  readonly clear: boolean;
  /** True if several cookies hold sessions, so that those at other places are cleared once this one is set or cleared. */
  readonly scattered?: boolean;
}

type Live = Extract<SessionLookup, { kind: 'live' }>;
type None = Extract<SessionLookup, { kind: 'none' }>;

const NO_SESSION: SessionLookup = { kind: 'none', reason: 'absent', ours: true };

/** Opens the values of all cookies that have our name, equal ones once, and judges them together. Those that lead to one
 *  session count as one. Two different sessions, or more than {@link MAX_CANDIDATES} values, give none. */
export function openCandidates(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
  probes?: SessionProbes,
): Awaitable<CandidateLookup> {
  if (!values.length) return { found: NO_SESSION, clear: false };
  const end = probes?.begin('open');
  return end
    ? probed(end, () => openAll(name, repository, values, events))
    : openAll(name, repository, values, events);
}

function openAll(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
): Awaitable<CandidateLookup> {
  if (values.length > 1) {
    const distinct = [...new Set(values)];
    if (distinct.length > MAX_CANDIDATES) return ambiguous(name, distinct, events);
    if (distinct.length > 1) return openMany(name, repository, distinct, events);
  }
  return andThen(repository.open(values[0]!), (found) => {
    if (found.kind === 'live') return { found, clear: false };
    if (found.kind === 'ended')
      return andThen(reportReuse(repository, [found]), () => ({ found, clear: false }));
    reject(name, found, events);
    return { found, clear: !found.ours };
  });
}

async function openMany(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
): Promise<CandidateLookup> {
  const all = await Promise.all(values.map((value) => repository.open(value)));
  const live = all.filter((found) => found.kind === 'live');
  await reportReuse(repository, all);
  if (isAmbiguous(live)) return ambiguous(name, values, events);
  if (live.length) return { found: newest(live), clear: false, scattered: live.length > 1 };
  for (const found of all) if (found.kind === 'none') reject(name, found, events);
  return { found: all.find((found) => found.kind === 'ended') ?? NO_SESSION, clear: false };
}

function reject(name: string, { reason, hint }: None, events: SessionEvents): void {
  events.emit('rejected', { session: name, reason, ...(hint !== undefined && { hint }) });
}

function ambiguous(name: string, texts: readonly string[], events: SessionEvents): CandidateLookup {
  events.emit('ambiguous', { session: name, cookies: texts.length });
  return { found: { kind: 'ended', brought: { texts } }, clear: false, scattered: true };
}

const isAmbiguous = ([first, ...others]: readonly Live[]): boolean =>
  others.some(({ entry }) => !entry.key.equals(first!.entry.key));

/** Returns the newest state of one session. A cookie that an old id made outdated counts less than one that fits. Of equal
 *  states the last one counts: of cookies with equal paths, browsers send the one that was made last at the end. */
const newest = (live: readonly Live[]): Live =>
  live.reduce((best, one) => (isOlder(one.entry, best.entry) ? best : one));

function isOlder(one: StoredSession, other: StoredSession): boolean {
  if (one.cookieOutdated !== other.cookieOutdated) return one.cookieOutdated;
  const { lastSeenAt, generation } = one.record;
  if (lastSeenAt !== other.record.lastSeenAt) return lastSeenAt < other.record.lastSeenAt;
  return generation < other.record.generation;
}

/** Raises the alarm for old ids. An old id that came together with a live session of its own subject is no theft: one
 *  browser has both, and its old cookie stands at another path or domain, where nothing replaces it. */
function reportReuse(repository: SessionRepository, all: readonly SessionLookup[]): Awaitable<void> {
  const reused = all.flatMap((found) => (found.kind === 'ended' ? (found.reused ?? []) : []));
  if (!reused.length) return;
  const live = all.filter((found) => found.kind === 'live');
  const stolen = reused.filter(
    ({ subject }) => !live.some(({ entry }) => subject === undefined || subject === entry.record.subject),
  );
  return stolen.reduce<Promise<void>>(
    (before, one) => before.then(() => repository.reportReuse?.(one)),
    Promise.resolve(),
  );
}

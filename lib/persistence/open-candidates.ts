import { andThen, type Awaitable } from '../crypto/awaitable.js';
import type { SessionEvents } from './session-events.js';
import type { SessionLookup, SessionRepository } from './session-repository.interface.js';

/** The number of cookies with our name that are opened at most. */
export const MAX_CANDIDATES = 4;

/** What the cookies with our name led to. */
export interface CandidateLookup {
  readonly found: SessionLookup;
  /** True if the browser should forget the cookie: there is one, and it holds bytes that are not ours. */
  readonly clear: boolean;
}

const NO_SESSION: SessionLookup = { kind: 'none', reason: 'absent', ours: true };

/** Opens the values of all cookies that have our name, equal ones once. A session is used only if it alone opens; of
 *  two that open, none is used. */
export function openCandidates(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
): Awaitable<CandidateLookup> {
  if (!values.length) return { found: NO_SESSION, clear: false };
  if (values.length > 1) {
    const distinct = [...new Set(values)];
    if (distinct.length > 1) return openMany(name, repository, distinct.slice(0, MAX_CANDIDATES), events);
  }
  return andThen(repository.open(values[0]!), (found) => {
    if (found.kind === 'none') events.emit('rejected', { session: name, reason: found.reason });
    return { found, clear: found.kind === 'none' && !found.ours };
  });
}

async function openMany(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
): Promise<CandidateLookup> {
  const all: SessionLookup[] = [];
  for (const value of values) {
    all.push(await repository.open(value));
    if (all.filter(({ kind }) => kind === 'live').length > 1) break;
  }
  const live = all.filter((found) => found.kind === 'live');
  if (live.length === 1) return { found: live[0]!, clear: false };
  if (live.length) events.emit('ambiguous', { session: name, cookies: live.length });
  else
    for (const found of all)
      if (found.kind === 'none') events.emit('rejected', { session: name, reason: found.reason });
  const ended = live.length ? undefined : all.find((found) => found.kind === 'ended');
  return { found: ended ?? NO_SESSION, clear: false };
}

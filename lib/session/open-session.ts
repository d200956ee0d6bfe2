import { after, type Awaitable } from '../crypto/index.js';
import type { SessionEvents } from './session-events.js';
import type { Found, SessionRepository } from './session-repository.interface.js';

/** Cookies of our name that are tried. */
export const MAX_CANDIDATES = 4;

/** What the cookies of our name led to, and whether the browser should forget them. */
export interface OpenResult {
  readonly found: Found;
  /** The one cookie there is holds bytes that are not ours. */
  readonly clear: boolean;
}

const NO_SESSION: Found = { kind: 'none', reason: 'absent', ours: true };

/** Opens the values of all cookies that have our name, equal ones once. One is taken if it alone opens; of two that
 *  open, none. */
export function openSession(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
): Awaitable<OpenResult> {
  if (!values.length) return { found: NO_SESSION, clear: false };
  if (values.length > 1) {
    const distinct = [...new Set(values)];
    if (distinct.length > 1) return openMany(name, repository, distinct.slice(0, MAX_CANDIDATES), events);
  }
  return after(repository.open(values[0]!), (found) => {
    if (found.kind === 'none') events.emit('rejected', { session: name, reason: found.reason });
    return { found, clear: found.kind === 'none' && !found.ours };
  });
}

async function openMany(
  name: string,
  repository: SessionRepository,
  values: readonly string[],
  events: SessionEvents,
): Promise<OpenResult> {
  const all: Found[] = [];
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

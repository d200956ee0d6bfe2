import type { SessionView } from '../watched-session.js';
import { moment } from './format.js';
import { html, type HtmlValue } from './html.js';

/** Returns when a key can be dropped, as a reader sees it. */
export function canGo(view: SessionView, hint: string, state: string): HtmlValue {
  if (state === 'seals') return 'it seals';
  if (state === 'gone') return 'is not in the ring';
  if (!view.longestIdle) return 'not while sessions have no timeout';
  const unseen = unseenIn(view);
  if (unseen)
    return html`not known: ${unseen}. <code>session-crypto keys check --rotated TIME</code> computes it`;
  const until = neededUntil(view, hint);
  return until <= view.now ? 'now' : html`${moment(until, view.now)}, unless it is used again`;
}

/** Says why some process may use keys that nobody here hears of; `undefined` if all are heard. */
function unseenIn({ gathering, unreadable, isFull }: SessionView): string | undefined {
  if (gathering === 'alone') return 'nobody here hears of other processes';
  if (gathering === 'late' || unreadable) return 'a process is missing here';
  return isFull ? 'there are more processes than places' : undefined;
}

/** A session that nobody has used since the last use of a key has timed out some time later. */
function neededUntil({ figures, processes, longestIdle }: SessionView, hint: string): number {
  // What an older process has seen is gone with it.
  const known = Math.max(...processes.map((one) => one.figures.since));
  const used = figures.keys.find((one) => one.hint === hint)?.lastAt ?? 0;
  return Math.max(known, used) + 1000 * longestIdle;
}

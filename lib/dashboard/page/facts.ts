import { healthLines } from '../../checkup/health-lines.js';
import type { SessionView } from '../watched-session.js';
import { ago, duration, moment, number, span } from './format.js';
import { html, type Html, type HtmlValue } from './html.js';
import { canGo } from './key-end.js';
import { table, type Row } from './table.js';

/** What each part of the application says of itself. */
export function health({ health }: SessionView): Html {
  if (!health) return html`<p>Nothing has answered in time.</p>`;
  const rows = healthLines(health).map(({ part, status, text }): Row => [part, badge(status), text]);
  return table(['Part', 'State', 'What it says'], rows);
}

const badge = (status: string): Html => html`<span class="badge ${status}">${status}</span>`;

/** Which key opens how much, and when an old one can go. */
export function keys(view: SessionView): Html {
  const { ring, managed, figures, now } = view;
  if (!ring.length)
    return html`<p>No key has a hint here: another format than the native one seals these sessions.</p>`;
  const gone = figures.keys.filter(({ hint }) => !ring.some((key) => key.hint === hint));
  const rows = [...ring, ...gone.map(({ hint }) => ({ hint, state: 'gone' }))].map(({ hint, state }): Row => {
    const use = figures.keys.find((one) => one.hint === hint);
    const info = managed?.find((one) => one.hint === hint);
    return [
      html`<code>${hint}</code>`,
      info?.state ?? state,
      use?.opens ?? 0,
      use ? ago(use.lastAt, now) : 'none',
      info ? dropsAt(info, now) : canGo(view, hint, state),
    ];
  });
  const since = html`Opens since ${moment(figures.since, now)} UTC. An old key can go once nothing that it has
  sealed is needed: no session, and no CSRF token.`;
  return table(['Key', 'State', 'Opens', 'Last use', 'Can go'], rows, since);
}

const dropsAt = ({ state, dropsAt }: { state: string; dropsAt: Date }, now: number): HtmlValue =>
  state === 'sealing' || state === 'published' ? 'it seals, or will' : moment(dropsAt.getTime(), now);

export function prunes({ prunes, now }: SessionView): Html {
  if (!prunes.length) return html`<p class="soft-text">No prune has run in this process yet.</p>`;
  const rows = prunes.map(({ at, took, removed, failed }): Row => [
    html`${moment(at, now)} UTC`,
    duration(took),
    failed === undefined
      ? `${removed === undefined ? 'some' : number(removed)} rows removed`
      : html`<span class="down">failed: ${failed}</span>`,
  ]);
  return table(['Began', 'Took', 'Result'], rows);
}

export function recent({ happenings, now }: SessionView): Html {
  if (!happenings.length) return html`<p class="soft-text">Nothing out of the ordinary.</p>`;
  const rows = happenings.map(({ at, text, times, bad }): Row => [
    ago(at, now),
    html`<span class="${bad && 'down'}">${text}</span>${times > 1 && ` (${times} times)`}`,
  ]);
  return table(['When', 'What'], rows);
}

/** Says whose figures these are. */
export function scope({ figures, processes, gathering, isFull, now }: SessionView): Html {
  const since = span(now - figures.since);
  const whose = {
    store:
      processes.length === 1
        ? `One process, for ${since}`
        : `${isFull ? 'At least ' : ''}${processes.length} processes, the oldest for ${since}`,
    alone: `This process alone, for ${since}: others count apart`,
    late: `This process alone, for ${since}: the store does not answer for the others`,
  };
  return html`<span>${whose[gathering]}.</span> <span>As of ${moment(now, now)} UTC</span>`;
}

/** The processes that are known, and which of them has other keys than this one. */
export function processes({ processes, unreadable, isFull, gathering, now }: SessionView): Html {
  const [own] = processes;
  const rows = processes.map(({ name, at, ring, figures }, i): Row => [
    html`<code class="long">${name}</code>${i === 0 && html`<small>this one</small>`}`,
    span(now - figures.since),
    i ? ago(at, now) : 'now',
    ring.join() === own!.ring.join()
      ? `as here: ${ring.length}`
      : html`<span class="down">others: ${ring.join(', ') || 'none'}</span>`,
  ]);
  return html`${unreadable > 0 && html`<p class="down">The figures of ${unreadable} more ${unreadable === 1 ? 'process' : 'processes'} do not open here: they were sealed by a key that this process does not have, or run another version.</p>`}${isFull && html`<p class="down">All places for processes are taken. There may be others, which are not counted here.</p>`}${gathering === 'alone' && html`<p class="soft-text">This store tells nothing of other processes, so all figures are those of this one. A store on the server that compares versions tells of them, and so does a <code>revocation</code> of <code>cookieStore()</code>.</p>`}${table(
    ['Process', 'Up', 'Reported', 'Keys'],
    rows,
  )}`;
}

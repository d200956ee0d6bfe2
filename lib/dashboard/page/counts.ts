import { BEGINS, ENDS, REJECTS, TROUBLES, type Column } from '../figures/columns.js';
import { sumIn } from '../figures/snapshot.js';
import type { SessionView } from '../watched-session.js';
import { html, type Html, type HtmlValue } from './html.js';
import { table, type Row } from './table.js';

const COLUMNS = ['Last hour', '12 hours'];

const row = ({ figures }: SessionView, head: HtmlValue, column: Column): Row => [
  head,
  sumIn(figures.lastHour, [column]),
  sumIn(figures.all, [column]),
];

const entries = <T extends object>(of: T) => Object.entries(of) as [keyof T & Column, string][];

export const beginsAndEnds = (view: SessionView): Html =>
  html`${table(
    ['Begun', ...COLUMNS],
    entries(BEGINS).map(([column, text]) => row(view, text, column)),
  )}${table(
    ['Ended', ...COLUMNS],
    entries(ENDS).map(([column, text]) => row(view, text, column)),
    'A session that times out ends without an event.',
  )}`;

/** The reasons that came up, and how often. */
export function rejects(view: SessionView): Html {
  const rows = Object.entries(REJECTS).map(([reason, text]) =>
    row(view, html`<code>${reason}</code><small>${text}</small>`, `reject.${reason}` as Column),
  );
  return seen('Reason', rows, 'No cookie was rejected.');
}

export function troubles(view: SessionView): Html {
  const rows = entries(TROUBLES).map(([column, text]) => row(view, text, column));
  return seen('What', rows, 'No conflict, and no failure.');
}

/** Shows what has happened at all; `none` says that nothing has. */
function seen(title: string, rows: readonly Row[], none: string): Html {
  const found = rows.filter(([, , all]) => all !== 0);
  return found.length ? table([title, ...COLUMNS], found) : html`<p class="soft-text">${none}</p>`;
}

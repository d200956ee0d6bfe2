import type { Count } from '../census.js';
import { BEGINNING, ENDING, REJECTING, type Timed } from '../figures/columns.js';
import { latencyIn, sumIn } from '../figures/snapshot.js';
import type { SessionView } from '../watched-session.js';
import { ago, duration, number } from './format.js';
import { html, type Html, type HtmlValue } from './html.js';

/** The figures that an operator looks at first. */
export function tiles(view: SessionView): Html {
  const { lastHour, all } = view.figures;
  const counted = (title: string, columns: Parameters<typeof sumIn>[1]) =>
    tile(title, number(sumIn(lastHour, columns)), `${number(sumIn(all, columns))} in 12 hours`);
  return html`<dl class="tiles">
    ${healthTile(view)}${tile('Sessions now', ...countOf(view.count, view.now))}
    ${counted('Begun, last hour', BEGINNING)}${counted('Ended, last hour', ENDING)}
    ${counted('Rejected, last hour', REJECTING)}${latencyTile('Store reads, median', 'read', view)}
    ${latencyTile('Store writes, median', 'write', view)}
  </dl>`;
}

const tile = (title: string, value: HtmlValue, note: HtmlValue): Html =>
  html`<div>
    <dt>${title}</dt>
    <dd>${value}</dd>
    <dd>${note}</dd>
  </div>`;

function healthTile({ health, stores }: SessionView): Html {
  const note = `Store: ${stores.join(', ')}`;
  if (!health) return tile('Health', html`<span class="degraded">unknown</span>`, note);
  return tile('Health', html`<span class="${health.status}">${health.status}</span>`, note);
}

function countOf(count: Count, now: number): [HtmlValue, HtmlValue] {
  if (count.kind === 'known') return [number(count.value), html`counted ${ago(count.at, now)}`];
  const why = {
    unknown: 'not counted yet',
    impossible: 'the store cannot count them',
    failed: 'the store did not answer',
  };
  return ['–', why[count.kind]];
}

function latencyTile(title: string, step: Timed, { figures }: SessionView): Html {
  const found = latencyIn(figures.lastHour, step);
  const failed = sumIn(figures.lastHour, [`${step}.failed`]);
  const errors = failed ? `, ${number(failed)} failed` : '';
  if (!found) return tile(title, '–', `none in the last hour${errors}`);
  return tile(title, duration(found.p50), `99 %: ${duration(found.p99)}${errors}`);
}

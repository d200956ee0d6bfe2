import { GROUP } from '../figures/snapshot.js';
import type { SessionView } from '../watched-session.js';
import { bars, lines, type Series } from './chart.js';
import { duration, number } from './format.js';
import { html, type Html, type HtmlValue } from './html.js';
import { table, type Row } from './table.js';

/** Groups of one row of the table. */
const PER_HOUR = 60 / GROUP;

/** Four charts of twelve hours. */
export function charts({ figures, charts }: SessionView): Html {
  const { begun, ended, rejected } = figures;
  const { sessions, p50, p99 } = charts;
  return html`${[
    figure(
      'Live sessions',
      `at most ${peak(sessions)}`,
      lines(`Live sessions: ${spoken(sessions)}`, sessions),
    ),
    figure(
      'Begun and ended',
      html`<span class="key">begun</span> <span class="key other">ended</span>`,
      bars(
        `Sessions by ten minutes. Begun: ${spoken(begun, sum)}. Ended: ${spoken(ended, sum)}`,
        begun,
        ended,
      ),
    ),
    figure(
      'Rejected cookies',
      `at most ${peak(rejected)}`,
      bars(`Rejected: ${spoken(rejected, sum)}`, rejected),
    ),
    figure(
      'Time of a store read',
      html`<span class="key">median</span>
        <span class="key other">99 %, at most ${peak(p99, duration)}</span>`,
      lines(
        `Time of a store read. Median: ${spoken(p50, undefined, duration)}. 99 %: ${spoken(p99, undefined, duration)}`,
        p50,
        p99,
      ),
    ),
  ]}`;
}

const figure = (title: string, note: HtmlValue, picture: Html): Html =>
  html`<figure>
    <figcaption>${title} <span>${note}</span></figcaption>
    ${picture}
    <div class="axis" aria-hidden="true"><span>12 h ago</span><span>6 h</span><span>now</span></div>
  </figure>`;

const known = (series: Series): number[] => series.filter((value) => value !== undefined);
const peak = (series: Series, write = number): string => write(Math.max(0, ...known(series)));
const sum = (series: Series): string =>
  `${number(known(series).reduce((total, one) => total + one, 0))} in all, `;

/** Says what a chart shows. */
function spoken(series: Series, total: (series: Series) => string = () => '', write = number): string {
  const values = known(series);
  if (!values.length) return 'not known yet';
  return `${total(series)}at most ${peak(series, write)}, last ${write(values.at(-1)!)}`;
}

/** The same figures by the hour, for those who see no picture and for those who want numbers. */
export function hours({ figures, charts }: SessionView): Html {
  const all = Array.from({ length: figures.begun.length / PER_HOUR }, (_, i) => i).toReversed();
  const part = (series: Series, hour: number) => series.slice(hour * PER_HOUR, (hour + 1) * PER_HOUR);
  const total = (series: Series, hour: number) =>
    known(part(series, hour)).reduce((sum, one) => sum + one, 0);
  const last = (series: Series, hour: number, write = number) => {
    const value = known(part(series, hour)).at(-1);
    return value === undefined ? '–' : write(value);
  };
  const rows = all.map((hour, i): Row => [
    i ? `${i} to ${i + 1} h ago` : 'last hour',
    last(charts.sessions, hour),
    total(figures.begun, hour),
    total(figures.ended, hour),
    total(figures.rejected, hour),
    last(charts.p50, hour, duration),
    peak(part(charts.p99, hour), duration),
  ]);
  return html`<div class="wide" tabindex="0" role="region" aria-label="Figures by the hour">
    ${table(['Time', 'Live', 'Begun', 'Ended', 'Rejected', 'Read, median', 'Read, 99 %'], rows)}
  </div>`;
}

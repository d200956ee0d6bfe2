import type { Outcome } from '../operator-actions.js';
import type { LiveParts } from '../live-streams.js';
import type { SessionView } from '../watched-session.js';
import { charts, hours } from './charts.js';
import { beginsAndEnds, rejects, troubles } from './counts.js';
import { devices, type Operator } from './devices.js';
import { health, keys, processes, prunes, recent, scope } from './facts.js';
import { html, Html } from './html.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { tiles } from './tiles.js';

export interface PageParts {
  readonly view: SessionView;
  /** The names of all sessions that the page shows. */
  readonly names: readonly string[];
  readonly operator: Operator | undefined;
  readonly outcome: Outcome | undefined;
  /** Allows this page's script and style, and no other. */
  readonly nonce: string;
}

/** The parts of the page that change by themselves, by their ids. */
const LIVE: Readonly<Record<string, (view: SessionView) => Html>> = {
  scope,
  tiles,
  charts,
  hours,
  health,
  keys,
  counts: beginsAndEnds,
  rejects,
  troubles,
  recent,
  prunes,
  processes,
};

/** Returns the live parts as they are now. */
export const liveParts = (view: SessionView): LiveParts =>
  Object.fromEntries(Object.entries(LIVE).map(([id, make]) => [id, make(view).text]));

/** Makes the whole page. */
export function page({ view, names, operator, outcome, nonce }: PageParts): string {
  const live = (id: string) => LIVE[id]!(view);
  const card = (title: string, id: string) =>
    html`<section class="card" aria-labelledby="h-${id}">
      <h2 id="h-${id}">${title}</h2>
      <div id="${id}">${live(id)}</div>
    </section>`;
  return html`<!doctype html>
    <html lang="en" data-session="${view.name}">
      <meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex" />
      <title>Sessions${view.name !== 'default' && `: ${view.name}`}</title>
      <style nonce="${nonce}">
        ${new Html(STYLE)}
      </style>
      <header>
        <h1>Sessions</h1>
        ${names.length > 1 && tabs(names, view.name)}
        <div class="state">
          <span id="live" role="status"></span>
          <div id="scope">${live('scope')}</div>
        </div>
      </header>
      <main>
        ${outcome?.message && html`<p class="notice${outcome.message.wrong && ' wrong'}" role="alert">${outcome.message.text}</p>`}
        <div id="tiles">${live('tiles')}</div>
        <section class="card" aria-labelledby="h-charts">
          <h2 id="h-charts">The last twelve hours</h2>
          <div id="charts" class="charts">${live('charts')}</div>
          <details>
            <summary>As a table</summary>
            <div id="hours">${live('hours')}</div>
          </details>
        </section>
        <section class="card" id="devices" aria-labelledby="h-devices">
          <h2 id="h-devices">Devices of a user</h2>
          ${devices(operator, outcome, view.now)}
        </section>
        <div class="cards">
          ${[
            card('Keys', 'keys'),
            card('Health', 'health'),
            card('Processes', 'processes'),
            card('Recent', 'recent'),
            card('Rejected cookies', 'rejects'),
            card('Begun and ended', 'counts'),
            card('Conflicts and failures', 'troubles'),
            card('Prune', 'prunes'),
          ]}
        </div>
      </main>
      <footer>nestjs-session-crypto. Times are in UTC.</footer>
      <script nonce="${nonce}">
        ${new Html(SCRIPT)};
      </script>
    </html>`.text;
}

const tabs = (names: readonly string[], current: string): Html =>
  html`<nav aria-label="Named sessions">
    ${names.map(
      (name) =>
        html`<a
          href="?session=${encodeURIComponent(name)}"
          ${name === current && new Html(' aria-current="page"')}
          >${name}</a
        >`,
    )}
  </nav>`;

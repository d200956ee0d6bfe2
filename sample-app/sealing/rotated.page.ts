import { hiddenFields } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import type { Page } from '../pages/page.js';
import type { DemoKey } from './demo-key.js';
import type { DemoRing, RingStep } from './demo-ring.js';
import { fieldOf, viewEnvelope } from './envelope.js';
import type { SealedDemo } from './sealed.page.js';
import { stepPage } from './sealing.layout.js';
import type { Trial } from './trials.js';

/** A copy of the cookie from before the rotation, and what the package makes of it now. */
export interface OldCopy {
  readonly text: string;
  readonly trial: Trial;
}

const LEAD = html`A key is changed in three steps, without a restart, and nobody is logged out. All visitors
of this page share the ring of the demonstration.`;

const STEPS: Readonly<Record<RingStep, { readonly label: string; readonly says: string }>> = {
  append: {
    label: 'Append a new key',
    says: 'All servers can open what it will seal. A copy of your cookie is kept, to be tried later.',
  },
  promote: {
    label: 'Promote it',
    says: 'It seals from now on. What the old key has sealed opens still, and is sealed anew when it is used.',
  },
  drop: { label: 'Drop the old key', says: 'What only the old key opens is refused from now on.' },
};

export function rotatedPage(demo: SealedDemo, ring: DemoRing, copy: OldCopy | undefined, csrf: string): Page {
  const main = html`<div class="columns">
      <section class="card" aria-labelledby="steps">
        <h2 id="steps">Three steps</h2>
        <ol class="rows">
          ${Object.entries(STEPS).map(([step, { label, says }]) => stepRow(step as RingStep, ring.next, label, says, csrf))}
        </ol>
      </section>
      <section class="card" aria-labelledby="ring">
        <h2 id="ring">The ring</h2>
        ${ringTable(ring.keys)}
      </section>
    </div>
    <section class="card" aria-labelledby="cookies">
      <h2 id="cookies">Two cookies</h2>
      <ul class="rows cookies">
        <li>${browserRow(demo, ring)}</li>
        <li>${copyRow(copy, ring)}</li>
      </ul>
    </section>`;
  return stepPage('/sealing/rotated', 'A key, changed', LEAD, main);
}

function stepRow(step: RingStep, next: RingStep, label: string, says: string, csrf: string): Html {
  return html`<li>
    <form class="try" method="post" action="/sealing/rotation">
      ${hiddenFields(csrf, { step })}
      <div><b>${label}</b><span class="small">${says}</span></div>
      <button ${step !== next && html`disabled`} aria-label="Do it: ${label}">Do it</button>
    </form>
  </li>`;
}

const ringTable = (keys: readonly DemoKey[]): Html =>
  html`<table>
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Hint</th>
        <th scope="col">What it does</th>
      </tr>
    </thead>
    <tbody>
      ${keys.map(
        ({ number, hint }, i) =>
          html`<tr>
            <td>${number}</td>
            <td><samp>${hint}</samp></td>
            <td>${i === 0 ? 'seals and opens' : 'opens'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

function browserRow({ key }: SealedDemo, { keys }: DemoRing): Html {
  const first = keys[0]!;
  const says =
    key === first ? 'It opens.' : `It opens, and this answer has sealed it anew by key ${first.number}.`;
  return cookieRow('The cookie in your browser', key.hint, `key ${key.number}`, 'opened', says);
}

function copyRow(copy: OldCopy | undefined, ring: DemoRing): Html {
  if (!copy)
    return html`<div><b>A copy from before</b><span class="small">Append a key to keep one.</span></div>`;
  const { trial, text } = copy;
  const hint = fieldOf(viewEnvelope(text)!, 'key hint').value.toString('hex');
  const key = ring.find(hint);
  const by = key ? `key ${key.number}` : 'a key that is gone';
  if (trial.opened) return cookieRow('A copy from before', hint, by, 'opened', 'It opens still.');
  const reason = `No session. The operator sees: ${trial.rejection?.reason}.`;
  return cookieRow('A copy from before', hint, by, 'refused', reason);
}

const cookieRow = (
  name: string,
  hint: string,
  by: string,
  outcome: 'opened' | 'refused',
  says: string,
): Html =>
  html`<div>
      <b>${name}</b><span class="small">sealed by ${by}, hint <samp>${hint}</samp></span>
    </div>
    <div class="outcome-cell">
      <span class="badge ${outcome}">${outcome}</span><span class="small">${says}</span>
    </div>`;

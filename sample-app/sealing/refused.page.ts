import { hiddenFields } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import type { Page } from '../pages/page.js';
import { FIELDS, type AttemptName, type Attempt } from './attempts.js';
import { checkList } from './check-list.js';
import { CHECKS } from './checks.js';
import { envelopeList } from './envelope-list.js';
import { viewEnvelope } from './envelope.js';
import type { SealedDemo } from './sealed.page.js';
import { nextStep, stepPage } from './sealing.layout.js';
import type { Trial } from './trials.js';

/** What was tried, and what came of it. */
export interface Tried {
  readonly change: AttemptName;
  readonly attempt: Attempt;
  readonly trial: Trial;
}

const LEAD = html`Change the cookie as a thief would, and send it. Each try really goes through the package.
Whatever is wrong, the visitor learns the same: there is no session. Only the operator learns why.`;

const TRIES: Readonly<Record<AttemptName, { readonly label: string; readonly says: string }>> = {
  flip: { label: 'Flip a bit', says: 'One bit of a field is another one.' },
  move: { label: 'Move it to another cookie', says: 'The same text, under another cookie’s name.' },
  cut: { label: 'Cut it', says: 'Only the first 96 characters arrive.' },
  spell: { label: 'Spell it differently', says: 'The same bytes, with the “=” that other programs add.' },
  stranger: {
    label: 'Seal with another key',
    says: 'A whole envelope, sealed by a key that the ring never had.',
  },
  forge: {
    label: 'Write our key hint over it',
    says: 'The stranger’s envelope claims to be sealed by our key.',
  },
  nothing: { label: 'Change nothing', says: 'To see that the genuine one still opens.' },
};

export function refusedPage(demo: SealedDemo, tried: Tried | undefined, csrf: string): Page {
  const main = html`${tried ? resultOf(tried, demo, csrf) : tries('Try one', csrf)}
  ${nextStep('/sealing/rotated', 'Change the keys')}`;
  return stepPage('/sealing/refused', 'A changed one, refused', LEAD, main);
}

const tries = (heading: string, csrf: string): Html =>
  html`<section class="card" aria-labelledby="tries">
    <h2 id="tries">${heading}</h2>
    <ul class="rows">
      ${Object.entries(TRIES).map(([name, { label, says }]) => tryForm(name as AttemptName, label, says, csrf))}
    </ul>
  </section>`;

const tryForm = (name: AttemptName, label: string, says: string, csrf: string): Html =>
  html`<li>
    <form class="try" method="post" action="/sealing/attempt">
      ${hiddenFields(csrf, { change: name })}
      <div><b>${label}</b><span class="small">${says}</span></div>
      ${name === 'flip' && FIELD_CHOICE}
      <button class="quiet" aria-label="Try: ${label}">Try</button>
    </form>
  </li>`;

const FIELD_CHOICE = html`<label class="inline"
  >in
  <select name="field">
    ${FIELDS.map((field) => html`<option ${field === 'ciphertext' && html`selected`}>${field}</option>`)}
  </select></label
>`;

function resultOf({ change, attempt, trial }: Tried, demo: SealedDemo, csrf: string): Html {
  return html`<div class="columns">
      <div>${verdict(TRIES[change].label, trial)} ${tries('Try something else', csrf)}</div>
      <section class="card" aria-labelledby="inside">
        <h2 id="inside">Where it stopped</h2>
        ${checkList(trial.rejection?.reason)}
      </section>
    </div>
    ${whatWasSent(attempt, demo)}`;
}

function verdict(label: string, { opened, rejection }: Trial): Html {
  const same = 'Every try that is refused gets exactly this answer, and the answer deletes the cookie.';
  return html`<section class="card verdict ${opened ? 'good' : 'bad'}" aria-labelledby="outside">
    <h2 id="outside">${label}: what the visitor learns</h2>
    <p class="answer" role="status">${opened ? 'A session.' : 'No session.'}</p>
    <p class="small">${opened ? 'The handler sees the note.' : same}</p>
    ${rejection && operatorSees(rejection)}
  </section>`;
}

const operatorSees = (rejection: NonNullable<Trial['rejection']>): Html =>
  html`<h3>What the operator sees</h3>
    <p class="event"><samp>rejected ${JSON.stringify(rejection)}</samp></p>
    <p class="small">
      Check ${CHECKS.findIndex(({ reason }) => reason === rejection.reason) + 1} of ${CHECKS.length} failed.
      The event is counted by its reason.
    </p>`;

function whatWasSent({ name, text }: Attempt, demo: SealedDemo): Html {
  const sent = viewEnvelope(text);
  return html`<section class="card" aria-labelledby="sent">
    <h2 id="sent">What was sent</h2>
    <p class="small">
      Cookie <code>${name}</code>, ${text.length} characters.
      ${sent && 'Marked bytes are not those that the server sealed.'}
    </p>
    ${sent ? envelopeList(sent, demo.envelope) : html`<p class="token"><samp>${text}</samp></p>`}
  </section>`;
}

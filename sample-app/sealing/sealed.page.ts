import type { Session } from 'nestjs-session-crypto';
import { moment, postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import type { Page } from '../pages/page.js';
import type { DemoCookie } from './demo-cookie.js';
import { LABELS, type DemoKey } from './demo-key.js';
import { AUDIENCE, type DemoSession } from './demo-session.js';
import { envelopeList, hex } from './envelope-list.js';
import { fieldOf, prefixOf, type EnvelopeView } from './envelope.js';
import { nextStep, sealForm, stepPage, type StepPath } from './sealing.layout.js';

/** A live session of the demonstration, and the cookie that brought it. */
export interface SealedDemo {
  readonly session: Session<DemoSession>;
  readonly cookie: DemoCookie;
  readonly envelope: EnvelopeView;
  /** The key of the ring that sealed it. */
  readonly key: DemoKey;
}

const LEAD = html`A session of its own, for this demonstration: nobody is logged in by its cookie, so the page
may print every byte of it. Your shop’s session stays out of sight.`;

/** The page of a step while nothing is sealed. */
export const nothingSealed = (path: StepPath, csrf: string): Page =>
  stepPage(path, 'A session, sealed', LEAD, sealForm(csrf));

export function sealedPage(demo: SealedDemo, csrf: string): Page {
  const main = html`<div class="columns">
      <section class="card" aria-labelledby="inside">
        <h2 id="inside">What is sealed</h2>
        ${inside(demo)} ${sealForm(csrf, demo.session.get('note'))}
      </section>
      <section class="card" aria-labelledby="context">
        <h2 id="context">What the seal is bound to</h2>
        ${contextTable(demo)}
      </section>
    </div>
    <section class="card" aria-labelledby="envelope">
      <h2 id="envelope">What your browser holds</h2>
      ${cookieLine(demo)} ${envelopeList(demo.envelope)}
    </section>
    <section class="card" aria-labelledby="derived">
      <h2 id="derived">What is derived from what</h2>
      ${derivation(demo)}
    </section>
    <div class="ends">
      ${nextStep('/sealing/opened', 'Open it')}
      ${postButton('/sealing/forget', { label: 'Forget this session', csrf })}
    </div>`;
  return stepPage('/sealing', 'A session, sealed', LEAD, main);
}

function inside({ session, envelope }: SealedDemo): Html {
  const { bytes } = fieldOf(envelope, 'ciphertext');
  return html`<dl class="facts">
    <dt>Note</dt>
    <dd>${session.get('note')}</dd>
    <dt>Begun</dt>
    <dd>${moment(session.createdAt)}</dd>
    <dt>Ends</dt>
    <dd>${moment(session.expiresAt)}<span class="small">unless you come back before</span></dd>
    <dt>Size</dt>
    <dd>
      ${bytes} bytes<span class="small">a frame of 48 with id and clocks, and ${bytes - 48} of JSON</span>
    </dd>
  </dl>`;
}

function cookieLine({ cookie: { name, text }, envelope: { bytes } }: SealedDemo): Html {
  return html`<p class="small">
      ${text.length} characters of base64url in the cookie <code>${name}</code>: ${bytes.length} bytes, 77
      more than what is sealed.
    </p>
    <p class="token"><samp>${text}</samp></p>`;
}

function contextTable({ cookie, envelope }: SealedDemo): Html {
  const items: readonly [name: string, value: string | Html][] = [
    ['header', html`<samp>${hex(envelope.bytes.subarray(0, 5))}</samp>`],
    ['purpose', 'session'],
    ['store', 'cookie'],
    ['cookie', cookie.name],
    ['tenant', ''],
    ['audience', AUDIENCE],
    ['row', ''],
  ];
  return html`<p class="small">
      Both sides know these seven items, so they are never sent. The tag covers them: a value that is moved to
      another place does not open there.
    </p>
    <table class="items">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${value === '' ? html`<i>empty</i>` : value}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

const SECRET = html`<span class="secret" role="img" aria-label="secret">••••••••</span>`;
const label = (parts: readonly string[]) => html`<code>${parts.join(' ‖ 0 ‖ ')}</code>`;

function derivation({ key, envelope }: SealedDemo): Html {
  const commitment = fieldOf(envelope, 'commitment').value;
  const isEqual = key.commitmentOf(prefixOf(envelope)) === commitment.toString('hex');
  const rows = [
    flow(
      `Key ${key.number}`,
      html`32 random bytes ${SECRET}`,
      html`HKDF-Expand ${label(LABELS.hint)}`,
      'key hint',
      html`<samp>${key.hint}</samp>`,
    ),
    flow(
      `Key ${key.number}`,
      html`the same bytes ${SECRET}`,
      html`HKDF-Expand ${label(LABELS.seal)}`,
      'subkey',
      html`32 bytes ${SECRET}`,
    ),
    flow(
      'Subkey, header and epoch',
      html`<samp>${hex(prefixOf(envelope))}</samp>`,
      html`HKDF-Expand ${label([...LABELS.epoch, 'header ‖ epoch'])}`,
      'key of the epoch, and commitment',
      html`32 bytes ${SECRET} ‖
        <samp>${hex(commitment)}</samp>
        ${isEqual && html`<span class="small">This page has derived the commitment again: it is the one in the cookie.</span>`}`,
    ),
    flow(
      'Key of the epoch, nonce, data and context',
      html`nonce <samp>${hex(fieldOf(envelope, 'nonce').value)}</samp>`,
      'AES-256-GCM',
      'ciphertext and tag',
      html`tag <samp>${hex(fieldOf(envelope, 'tag').value)}</samp>`,
    ),
  ];
  return html`<p class="small">
      HKDF-Expand is that of RFC 5869 with SHA-512. Dots stand for what never leaves the server.
    </p>
    <ol class="flow">
      ${rows}
    </ol>`;
}

const flow = (from: string, input: Html, by: Html | string, to: string, output: Html): Html =>
  html`<li>
    <div><b>${from}</b>${input}</div>
    <div class="by">${by}</div>
    <div><b>${to}</b>${output}</div>
  </li>`;

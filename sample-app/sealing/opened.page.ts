import { moment } from '../pages/form.js';
import { html } from '../pages/html.js';
import type { Page } from '../pages/page.js';
import { checkList } from './check-list.js';
import { fieldOf } from './envelope.js';
import type { SealedDemo } from './sealed.page.js';
import { nextStep, stepPage } from './sealing.layout.js';

const LEAD = html`Your browser has sent the cookie again with this page. The package has made these checks, in
this order, and stops at the first that fails.`;

export function openedPage({ session, cookie, envelope, key }: SealedDemo): Page {
  const sealedBytes = fieldOf(envelope, 'ciphertext').bytes;
  const main = html`<div class="columns">
      <section class="card" aria-labelledby="checks">
        <h2 id="checks">Nine checks</h2>
        ${checkList(undefined, {
          length: `${cookie.text.length} characters; at least 103, and no more than a cookie holds`,
          version: '0x11: AES-256-GCM, which is enabled',
          'unknown-key': `${key.hint} is key ${key.number} of the ring`,
        })}
      </section>
      <section class="card" aria-labelledby="handler">
        <h2 id="handler">What the handler gets</h2>
        <dl class="facts">
          <dt>isNew</dt>
          <dd><code>${String(session.isNew)}</code></dd>
          <dt>subject</dt>
          <dd><code>${String(session.subject)}</code><span class="small">nobody is logged in</span></dd>
          <dt>get('note')</dt>
          <dd>${session.get('note')}</dd>
          <dt>createdAt</dt>
          <dd>${moment(session.createdAt)}</dd>
          <dt>expiresAt</dt>
          <dd>${moment(session.expiresAt)}</dd>
        </dl>
        <p class="small">
          It came out of ${sealedBytes} bytes of ciphertext. The server has stored nothing: this session lives
          in its cookie.
        </p>
      </section>
    </div>
    ${nextStep('/sealing/refused', 'Try to cheat')}`;
  return stepPage('/sealing/opened', 'The same session, opened', LEAD, main);
}

import type { Session } from 'nestjs-session-crypto';
import { moment } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';

export function homePage({ id, subject, createdAt, lastSeenAt, expiresAt }: Session, name: string): Html {
  return html`<h1>Hello, ${name}.</h1>
    <p class="lead">You are logged in. Your session says this about itself.</p>
    <dl class="card facts">
      <dt>Subject</dt>
      <dd>${subject}</dd>
      <dt>Logged in</dt>
      <dd>${moment(createdAt)}</dd>
      <dt>Last seen</dt>
      <dd>${moment(lastSeenAt)}</dd>
      <dt>Ends</dt>
      <dd>${moment(expiresAt)}<span class="small">unless you come back before</span></dd>
      <dt>Public id</dt>
      <dd><code>${id}</code><span class="small">names the session; nobody can log in with it</span></dd>
    </dl>
    <p class="actions">
      <a class="button" href="/cart">Fill your cart</a>
      <a class="button quiet" href="/devices">See your devices</a>
    </p>`;
}

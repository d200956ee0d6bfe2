import type { Session } from 'nestjs-session-crypto';
import { moment } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import { DEMO_USERS } from '../users/demo-users.js';

export function homePage({ id, subject, createdAt, lastSeenAt, expiresAt }: Session): Html {
  const name = DEMO_USERS.find((user) => user.id === subject)?.name ?? subject;
  return html`<h1>Hello, ${name}.</h1>
    <p class="lead">You are logged in. This is what your session says of itself.</p>
    <dl class="card facts">
      <dt>Subject</dt>
      <dd>${subject}</dd>
      <dt>Logged in</dt>
      <dd>${moment(createdAt)}</dd>
      <dt>Last seen</dt>
      <dd>${moment(lastSeenAt)}</dd>
      <dt>Ends</dt>
      <dd>${moment(expiresAt)}, unless you come back before</dd>
      <dt>Public id</dt>
      <dd><code>${id}</code><br /><span class="small">names the session, and opens nothing</span></dd>
    </dl>
    <p>
      <a class="button" href="/cart">Fill your cart</a>
      <a class="button quiet" href="/devices">See your devices</a>
    </p>`;
}

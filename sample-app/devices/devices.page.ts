import type { SessionSummary } from 'nestjs-session-crypto';
import { moment, postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';

export const NO_DEVICES = html`<h1>My devices</h1>
  <p class="lead">There is no list to show.</p>
  <div class="card">
    <p>
      Sessions of this server live in the browsers’ cookies (<code>SESSION_STORE=cookie</code>): nothing waits
      on the server, so it can neither count them nor end one from afar.
    </p>
    <p>With sessions in Postgres, which is the default, this page lists your devices and logs them out.</p>
  </div>`;

/** The sessions of one subject, `current` being the id of the one that asks. */
export function devicesPage(devices: readonly SessionSummary[], current: string, csrf: string): Html {
  return html`<h1>My devices</h1>
    <p class="lead">
      Every browser that is logged in as you. Open a private window and log in to see a second one.
    </p>
    <ul class="card rows">
      ${devices.map((device) => row(device, device.id === current, csrf))}
    </ul>
    ${devices.length > 1 && postButton('/devices/revoke-others', csrf, {}, 'Log out all others', 'danger')}`;
}

const row = ({ id, createdAt, lastSeenAt }: SessionSummary, current: boolean, csrf: string) =>
  html`<li>
    <div>
      <b><code>${id.slice(0, 8)}…</code> ${current && html`<span class="badge">this one</span>`}</b>
      <span class="small">since ${moment(createdAt)}</span>
      <span class="small">last seen ${moment(lastSeenAt)}</span>
    </div>
    ${!current && postButton('/devices/revoke', csrf, { id }, 'Log out')}
  </li>`;

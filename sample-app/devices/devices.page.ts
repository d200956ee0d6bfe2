import { moment, postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import type { ListedDevice } from './devices.service.js';

export const NO_DEVICES = html`<h1>My devices</h1>
  <p class="lead">There is no list to show.</p>
  <div class="card">
    <p>
      This server keeps sessions in the browsers’ cookies (<code>SESSION_STORE=cookie</code>), so it can
      neither list them nor log a device out.
    </p>
    <p>With sessions in Postgres, which is the default, this page does both.</p>
  </div>`;

/** The devices of one user. `current` is the id of the session that asks. */
export function devicesPage(devices: readonly ListedDevice[], current: string, csrf: string): Html {
  return html`<h1>My devices</h1>
    <p class="lead">
      Every browser that is logged in as you. Open a private window and log in to see a second one.
    </p>
    <ul class="card rows">
      ${devices.map((device) => row(device, device.id === current, csrf))}
    </ul>
    ${devices.length > 1 && postButton('/devices/revoke-others', { label: 'Log out all others', csrf, look: 'danger' })}`;
}

const row = ({ id, name, createdAt, lastSeenAt }: ListedDevice, current: boolean, csrf: string) =>
  html`<li>
    <div class="device">
      <div><b>${name}</b> ${current && html`<span class="badge">this one</span>`}</div>
      <div class="times">
        <span class="small">since ${moment(createdAt)}</span>
        <span class="small">last seen ${moment(lastSeenAt)}</span>
      </div>
      ${!current && logOut(id, name, csrf)}
    </div>
  </li>`;

const logOut = (id: string, name: string, csrf: string) =>
  postButton('/devices/revoke', { label: 'Log out', ariaLabel: `Log out ${name}`, csrf, fields: { id } });

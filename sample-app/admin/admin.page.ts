import { postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';

const LEAD = html`<p class="lead">
  Behind <code>RolesGuard</code> and <code>SessionGuard</code>: for administrators who logged in within the
  last ten minutes.
</p>`;

const MORE = html`<p class="actions">
  <a class="button" href="/ops">The operator’s page</a>
  <a class="button quiet" href="/ops/metrics">Metrics</a>
  <a class="button quiet" href="/health/ready">Health</a>
</p>`;

export const NO_NUMBERS = html`<h1>Admin</h1>
  ${LEAD}
  <div class="card">
    <p>Sessions live in the browsers’ cookies, so the server has none to count or to remove.</p>
  </div>
  ${MORE}`;

export interface UserRow {
  readonly name: string;
  /** How many live sessions the user has. */
  readonly sessions: number;
}

export function adminPage(count: number, users: readonly UserRow[], csrf: string): Html {
  return html`<h1>Admin</h1>
    ${LEAD}
    <div class="tiles">
      ${tile('live sessions', count)} ${users.map(({ name, sessions }) => tile(name, sessions))}
    </div>
    <div class="card split">
      <div>
        <b>Expired sessions</b>
        <span class="small">A timer removes them every five minutes; you can do it now.</span>
      </div>
      ${postButton('/admin/prune', { label: 'Remove now', csrf })}
    </div>
    ${MORE}`;
}

const tile = (label: string, number: number) =>
  html`<div class="card tile"><b>${number}</b><span class="small">${label}</span></div>`;

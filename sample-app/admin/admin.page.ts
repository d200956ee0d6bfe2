import { postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';

const LEAD = html`<p class="lead">
  Behind <code>SessionGuard</code>: for administrators who logged in within ten minutes.
</p>`;

export const NO_NUMBERS = html`<h1>Admin</h1>
  ${LEAD}
  <div class="card">
    <p>Sessions live in the browsers’ cookies, so the server has none to count or to remove.</p>
  </div>`;

export function adminPage(
  count: number,
  users: readonly [name: string, count: number][],
  csrf: string,
): Html {
  return html`<h1>Admin</h1>
    ${LEAD}
    <div class="tiles">${tile('live sessions', count)} ${users.map(([name, own]) => tile(name, own))}</div>
    <div class="card split">
      <div>
        <b>Expired sessions</b>
        <span class="small">A timer removes them every five minutes; you need not wait.</span>
      </div>
      ${postButton('/admin/prune', csrf, {}, 'Remove them now')}
    </div>`;
}

const tile = (label: string, number: number) =>
  html`<div class="card tile"><b>${number}</b><span class="small">${label}</span></div>`;

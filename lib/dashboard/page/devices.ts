import type { SessionSummary } from '../../session.service.js';
import { browsersText, type Outcome } from '../operator-actions.js';
import { moment } from './format.js';
import { exact, html, type Html } from './html.js';
import { table, type Row } from './table.js';

/** Who acts on the page, and the token of its forms; `undefined` if nobody may. */
export interface Operator {
  readonly actor: string;
  readonly token: string;
}

/** Devices that are shown at most: a user may log in without end. */
const MOST = 50;

const NOBODY = html`<p>
  Nobody may act here: the option <code>actor</code> of the dashboard names nobody for this request, and each
  action must be written down with a name.
</p>`;

/** The form that asks for a subject, and the devices of the one that was asked for. */
export function devices(operator: Operator | undefined, outcome: Outcome | undefined, now: number): Html {
  if (!operator) return NOBODY;
  return html`<form method="post" action="#devices" class="ask">
      ${hidden(operator, 'list')}<label
        >Subject
        <input
          name="subject"
          required
          maxlength="255"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          value="${exact(outcome?.subject ?? '')}"
      /></label>
      <button>Show devices</button>
    </form>
    ${outcome && found(operator, outcome, now)}
    <p class="soft-text">
      You act as <b>${operator.actor}</b>. Every action is written to the audit event
      <code>operatorAction</code>.
    </p>`;
}

const hidden = ({ token }: Operator, action: string): Html =>
  html`<input type="hidden" name="token" value="${token}" /><input
      type="hidden"
      name="action"
      value="${action}"
    />`;

function found(operator: Operator, { subject, devices, remembered }: Outcome, now: number): Html {
  const subjectField = html`<input type="hidden" name="subject" value="${exact(subject)}" />`;
  const list = devices && deviceList(operator, subjectField, subject, devices, now);
  const mayReturn = remembered !== undefined && remembered !== 0; // NaN where nobody knows
  if (devices && !devices.length && !mayReturn) return list!;
  return html`${list}${mayReturn && comebacks(subject, remembered)}
    <details>
      <summary>End all sessions of ${subject} …</summary>
      <form method="post" action="#devices">
        ${hidden(operator, 'revokeSubject')}${subjectField}
        <button class="end">End all sessions of ${subject}</button>
      </form>
    </details>`;
}

/** A user without a session may still come back. */
const comebacks = (subject: string, remembered: number): Html =>
  html`<p>
    Remember-me logs <b>${subject}</b> in again by itself, in ${browsersText(remembered)}. The end of all
    sessions ends that too.
  </p>`;

function deviceList(
  operator: Operator,
  subjectField: Html,
  subject: string,
  devices: readonly SessionSummary[],
  now: number,
): Html {
  if (!devices.length) return html`<p>No live session has the subject <b>${subject}</b>.</p>`;
  const rest = devices.length - MOST;
  const rows = devices.slice(0, MOST).map((one): Row => {
    const name = [one.browser, one.system].filter(Boolean).join(' on ') || 'An unknown browser';
    return [
      html`${name}${one.network !== undefined && html`<small>${one.network}</small>`}`,
      moment(one.lastSeenAt.getTime(), now),
      moment(one.createdAt.getTime(), now),
      html`<code>${one.id.slice(0, 8)}…</code>`,
      html`<form method="post" action="#devices">
        ${hidden(operator, 'revoke')}${subjectField}<input type="hidden" name="id" value="${one.id}" /><button
          class="end"
          aria-label="End the session of ${name}, last seen ${one.lastSeenAt.toISOString().slice(0, 16)}"
        >
          End
        </button>
      </form>`,
    ];
  });
  return table(
    ['Device', 'Last seen', 'Logged in', 'Session', 'Action'],
    rows,
    html`Live sessions of <b>${subject}</b>; times in
      UTC.${rest > 0 && ` The ${MOST} last seen of ${devices.length}.`}`,
  );
}

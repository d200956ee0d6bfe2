import { html, type Html } from './html.js';

/** A button that posts, with what the server has to know. */
export function postButton(
  action: string,
  csrf: string | undefined,
  fields: Readonly<Record<string, string>>,
  label: string,
  look = 'quiet',
): Html {
  return html`<form method="post" action="${action}">
    ${csrfField(csrf)}${Object.entries(fields).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}<button class="${look}">${label}</button>
  </form>`;
}

/** The field that SessionCsrfGuard reads where the browser does not say where a form came from. */
export const csrfField = (csrf: string | undefined): Html | undefined =>
  csrf === undefined ? undefined : html`<input type="hidden" name="_csrf" value="${csrf}" />`;

/** A moment, to the second. */
export const moment = (date: Date): Html =>
  html`<time datetime="${date.toISOString()}"
    >${date.toISOString().slice(0, 10)} <b>${date.toISOString().slice(11, 19)}</b> UTC</time
  >`;

import { html, type Html } from './html.js';

export interface PostButton {
  readonly label: string;
  /** Spoken in place of the label, where that alone does not say enough. */
  readonly ariaLabel?: string;
  /** The token that SessionCsrfGuard asks for if the browser does not say where the form came from. */
  readonly csrf: string | undefined;
  /** Hidden fields. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly look?: 'quiet' | 'danger' | 'round';
}

/** A form that is one button. */
export function postButton(
  action: string,
  { label, ariaLabel, csrf, fields = {}, look = 'quiet' }: PostButton,
): Html {
  return html`<form method="post" action="${action}">
    ${hiddenFields(csrf, fields)}<button
      class="${look}"
      ${ariaLabel !== undefined && html`aria-label="${ariaLabel}"`}
    >
      ${label}
    </button>
  </form>`;
}

/** The fields of a form that nobody sees, the token among them. */
export const hiddenFields = (csrf: string | undefined, fields: Readonly<Record<string, string>> = {}): Html =>
  html`${Object.entries(csrf === undefined ? fields : { _csrf: csrf, ...fields }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;

/** A moment, to the second. */
export const moment = (date: Date): Html =>
  html`<time datetime="${date.toISOString()}"
    >${date.toISOString().slice(0, 10)} <b>${date.toISOString().slice(11, 19)}</b> UTC</time
  >`;

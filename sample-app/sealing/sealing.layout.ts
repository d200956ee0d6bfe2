import { hiddenFields } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import { Page } from '../pages/page.js';

/** The steps of the demonstration, in order. */
const STEPS = {
  '/sealing': 'Sealed',
  '/sealing/opened': 'Opened',
  '/sealing/refused': 'Refused',
  '/sealing/rotated': 'Rotated',
} as const;

export type StepPath = keyof typeof STEPS;

/** The page of a step. */
export function stepPage(path: StepPath, heading: string, lead: Html, main: Html): Page {
  const content = html`<h1>${heading}</h1>
    <p class="lead">${lead}</p>
    ${steps(path)} ${main}`;
  return new Page({ title: `${STEPS[path]} · Sealing`, main: content, wide: true });
}

function steps(current: StepPath): Html {
  return html`<nav class="steps" aria-label="Steps">
    <ol>
      ${Object.entries(STEPS).map(
        ([path, name]) =>
          html`<li><a href="${path}" ${path === current && html`aria-current="step"`}>${name}</a></li>`,
      )}
    </ol>
  </nav>`;
}

/** A page without a sealed session has this form alone. */
export function sealForm(csrf: string, note?: string): Html {
  return html`<form
    class="${note === undefined ? 'card stack' : 'stack'}"
    method="post"
    action="/sealing/note"
  >
    ${hiddenFields(csrf)}
    <label
      >A note to seal
      <input
        name="note"
        value="${note ?? 'Six sticks of vermilion'}"
        maxlength="60"
        required
        autocomplete="off"
      />
    </label>
    <button>${note === undefined ? 'Seal it' : 'Seal it again'}</button>
  </form>`;
}

export const nextStep = (path: StepPath, label: string): Html =>
  html`<p class="actions"><a class="button" href="${path}">${label}</a></p>`;

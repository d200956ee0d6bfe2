import type { RejectReason } from 'nestjs-session-crypto';
import { html, type Html } from '../pages/html.js';
import { CHECKS, type Check } from './checks.js';

/** The checks of the package with their outcomes: all were passed, or all until the one that has this reason. `detail`
 *  replaces what a check says by what it saw. */
export function checkList(
  refused: RejectReason | undefined,
  detail: Partial<Record<RejectReason, string>> = {},
): Html {
  const stop = refused ? CHECKS.findIndex(({ reason }) => reason === refused) : CHECKS.length;
  return html`<ol class="checks">
    ${CHECKS.map((check, i) => line(check, outcomeOf(i, stop), detail[check.reason]))}
  </ol>`;
}

type Outcome = 'passed' | 'failed' | 'not reached';

function outcomeOf(check: number, stop: number): Outcome {
  if (check === stop) return 'failed';
  return check < stop ? 'passed' : 'not reached';
}

const line = ({ name, says }: Check, outcome: Outcome, detail = says): Html =>
  html`<li class="${outcome.replace(' ', '-')}">
    <b>${name}</b> <span class="outcome">${outcome}</span>
    <span class="says">${detail}</span>
  </li>`;

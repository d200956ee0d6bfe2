// Judges a journal. It knows nothing but the lines: what was asked, what was answered, and what was seen.
import { checkRounds } from './check-rounds.mjs';
import { checkRows } from './check-rows.mjs';
import { checkSession } from './check-session.mjs';
import { groupBy } from './journal.mjs';

/** Returns every broken promise as `{ rule, detail }`, the sessions that a failed move has left where nobody has their
 *  cookie although no promise says that this cannot happen, and the figures of the campaign. */
export function check(lines) {
  const campaign = lines.find(({ type }) => type === 'campaign');
  const requests = lines.filter(({ op }) => op !== undefined);
  const rounds = lines.filter(({ type }) => type === 'round');
  const sessions = groupBy(requests, ({ session }) => session);
  const found = [
    ...lines
      .filter(({ type }) => type === 'exit')
      .map(({ what }) => ({ rule: 'a process ended', detail: what })),
    ...checkRounds(rounds, requests, campaign),
    ...checkRows(
      lines.filter(({ type }) => type === 'snapshot'),
      campaign,
    ),
    ...[...sessions].flatMap(([name, own]) => checkSession(name, own, rounds, campaign)),
  ];
  const broken = found.filter(({ rule }) => rule !== 'stranded');
  const stranded = found.filter(({ rule }) => rule === 'stranded');
  return { broken, stranded, figures: figuresOf(requests, rounds, sessions.size) };
}

function figuresOf(requests, rounds, sessions) {
  const writers = requests.filter(({ op }) => op !== 'observe');
  const count = (answer) => writers.filter((line) => line.answer === answer).length;
  return {
    rounds: rounds.length,
    kills: rounds.filter(({ fault }) => /kill/.test(fault)).length,
    sessions,
    requests: writers.length,
    acknowledged: count('acknowledged'),
    failed: count('failed'),
    refused: count('refused'),
    renewals: writers.filter(({ set, op }) => set && !['begin', 'login', 'regenerate'].includes(op)).length,
    observations: requests.length - writers.length,
    slowest: Math.max(...writers.map(({ startedAt, endedAt }) => endedAt - startedAt)),
  };
}

// Does every request get a whole answer, does only a fault make requests fail, and is all well again soon after it?

/** Milliseconds after the end of a fault after which each new request must succeed. A fault that leaves connections hanging
 *  is noticed only after the commit timeout. `within` is the bound of a fault that has one of its own. */
export const boundOf = ({ slow, within }, commitTimeout) =>
  within ?? (slow ? 2 * 1000 * commitTimeout + 1000 : 1000);

/** Milliseconds that an answer may take beyond the two commit timeouts, one for loading and one for storing. */
const SLACK = 1000;

/** Returns how long after the end of a fault requests still failed, in milliseconds. */
export const recoveryOf = (round, requests) =>
  Math.max(0, ...lateFailures(round, requests).map(({ endedAt }) => endedAt - round.ended));

const lateFailures = ({ round, ended }, requests) =>
  requests.filter((line) => line.round === round && line.answer === 'failed' && line.startedAt > ended);

export function checkRounds(rounds, requests, { commitTimeout }) {
  const byName = new Map(rounds.map((round) => [round.round, round]));
  return [
    ...rounds.filter(({ didStrike }) => !didStrike).map(broken('the fault never struck')),
    ...requests.flatMap((line) => faultsOf(line, byName.get(line.round), commitTimeout)),
  ];
}

function faultsOf(line, round, commitTimeout) {
  const { answer, op, startedAt, endedAt } = line;
  if (['half', 'unknown', 'unclean'].includes(answer)) return [broken(`the answer is ${answer}`)(line)];
  if (endedAt - startedAt > 2 * 1000 * commitTimeout + SLACK) return [broken('answered too late')(line)];
  if (answer !== 'failed' || op === 'observe') return [];
  if (!round || endedAt < round.began) return [broken('failed without a fault')(line)];
  if (round.spares) return [broken('failed in a fault that is no outage')(line)];
  if (startedAt > round.ended + boundOf(round, commitTimeout))
    return [broken('failed long after the fault')(line)];
  return [];
}

const broken = (rule) => (line) => {
  const { round, fault, id, op, app, session, status, startedAt, endedAt } = line;
  return { rule, detail: { round, fault, id, op, app, session, status, startedAt, endedAt } };
};

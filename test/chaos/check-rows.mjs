// Does anything happen to a row after all requests were answered and a bound has passed?
import { groupBy } from './journal.mjs';
import { LATE } from './round.mjs';

/** Two snapshots are taken of each calm after a round, and one in the end. A round's sessions are not used in later rounds. */
export function checkRows(snapshots, { commitTimeout }) {
  const calm = groupBy(
    snapshots.filter(({ when }) => when !== 'during'),
    ({ round }) => round,
  );
  const end = calm.get('end')?.[0];
  const found = [];
  let before = {};
  for (const [round, [first, second]] of calm) {
    if (round === 'end') break;
    found.push(...differences(round, 'during the calm', first.rows, second.rows));
    found.push(...differences(round, 'until the next round was over', before, second.rows, true));
    before = second.rows;
  }
  if (end) found.push(...differences('end', 'until the end', before, end.rows));
  return [...found, ...lateRows(snapshots, commitTimeout)];
}

/** Rows of `after` that are not as they were `before`. With `mayGrow`, new rows are no difference. */
function differences(round, when, before, after, mayGrow = false) {
  const keys = Object.keys(mayGrow ? before : { ...before, ...after });
  const changed = keys.filter((key) => before[key]?.[0] !== after[key]?.[0]);
  if (!changed.length) return [];
  const [key] = changed;
  const detail = { round, when, rows: changed.length, was: before[key], is: after[key] };
  return [{ rule: 'a row changed after the answers', detail }];
}

/** Rows that a snapshot during a fault does not have, although the request that made them was answered long before: nobody
 *  who asked for such a session is there any more. Times in a row are whole seconds. */
function lateRows(snapshots, commitTimeout) {
  return snapshots.flatMap(({ when, round, at, rows }) => {
    if (when !== 'during') return [];
    const next = snapshots.find((one) => one.round === round && one.when === 'calm');
    const answered = at - 1000 * commitTimeout - LATE - 1000;
    const late = Object.keys(next.rows).filter((key) => !rows[key] && next.rows[key][1] < answered);
    return late.length ? [{ rule: 'a session was made late', detail: { round, rows: late.length } }] : [];
  });
}

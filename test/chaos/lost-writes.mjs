// Tells the promises that were broken because Redis itself has lost writes from all others. Redis replicates after it has answered,
// so a primary that is killed takes its last writes with it. The rows that this has happened to are known, from the dead server's log.
import { createHash } from 'node:crypto';

/** 0x81 ‖ hint 4 ‖ token 32 ‖ MAC 16: the cookie of a session. A row's name is the SHA-256 of the token. */
const [BEGIN, END] = [5, 37];

/** Rules that such a loss can break. A change that comes twice or torn has another cause. */
const EXCUSABLE = new Set([
  'an acknowledged change is lost',
  'an acknowledged login is lost',
  'an ended session opened again',
  'a session is lost',
  'a session is lost by a move that failed',
  'a session changed after the answers',
  'a move is half done',
  'stranded',
]);

/** A row that is live again beside the one that it was moved to makes two sessions of one: what one shows, the other lacks. */
const EXCUSED_BY_TWO = 'a change came late';

/** Returns the name of the row that a cookie leads to. */
export const rowOf = (cookie) =>
  createHash('sha256').update(Buffer.from(cookie, 'base64url').subarray(BEGIN, END)).digest('base64url');

/** Splits what a checker has found: `broken` is our fault, `lost` is Redis's. */
export function tellApart(found, lines) {
  const harmed = sessionsWith(lost(lines, 'rows'), lines);
  const doubled = sessionsWith(lost(lines, 'ends'), lines);
  const isExcused = ({ rule, detail: { session } }) =>
    rule === EXCUSED_BY_TWO ? doubled.has(session) : EXCUSABLE.has(rule) && harmed.has(session);
  return { broken: found.filter((one) => !isExcused(one)), lost: found.filter((one) => isExcused(one)) };
}

/** The acknowledged changes that are lost, each once, however often somebody looked. */
export const lostChanges = (found) =>
  new Set(
    found
      .filter(({ rule }) => rule === 'an acknowledged change is lost')
      .map(({ detail }) => `${detail.session} ${detail.change}`),
  ).size;

/** Moves of which only one half is there: a row says that its session is in another row, and that one does not exist. The checker
 *  sees only what clients see; here the rows themselves are asked. */
export function halfMoves(lines) {
  const harmed = lost(lines, 'rows');
  const calm = lines.filter(({ type, when }) => type === 'snapshot' && when === 'end');
  return calm.flatMap(({ rows }) =>
    Object.entries(rows)
      .filter(([name, [, , next]]) => next && !rows[next] && !harmed.has(name) && !harmed.has(next))
      .map(([row]) => ({ rule: 'a move is half done', detail: { row } })),
  );
}

/** The names of rows that a line of the kind `lost` has as `rows` or `ends`. */
const lost = (lines, what) =>
  new Set(lines.filter(({ type }) => type === 'lost').flatMap((line) => line[what]));

/** The sessions of which a cookie leads to one of the rows. */
function sessionsWith(rows, lines) {
  const found = new Set();
  for (const { session, cookie, set } of lines)
    if ([cookie, set].some((one) => one && rows.has(rowOf(one)))) found.add(session);
  return found;
}

// Is everything in a session that was acknowledged, once, and nothing else; and does it stay ended when it has ended?
import { MOVES } from './client.mjs';
import { LATE } from './round.mjs';

/** Operations that note their id in the session's log. */
const NOTED = new Set(['begin', 'increment', 'stream', 'held', 'login', 'regenerate']);
/** Operations that set a key of their own. */
const KEYED = new Set(['set', 'held']);
const ENDING = new Set([...MOVES, 'logout']);

/** Returns the broken promises of one session. `lines` are its requests in the order of their answers. */
export function checkSession(name, lines, rounds, { commitTimeout }) {
  const session = { name, lines, known: new Map(lines.map((line) => [line.id, line])) };
  const looks = lines.filter(isLook);
  return [
    ...looks.flatMap((look) => [...contentOf(look, session), ...subjectOf(look, session)]),
    ...lateChanges(looks, session),
    ...looks.flatMap((look) => changesAfterAClosure(look, session, rounds)),
    ...lines.flatMap((line) => [
      ...reopened(line, session),
      ...lostSession(line, session, rounds, commitTimeout),
    ]),
    ...unsteady(session),
  ];
}

const isAcknowledged = ({ answer }) => answer === 'acknowledged';
/** A look at an open session. */
const isLook = (line) =>
  isAcknowledged(line) && line.op !== 'logout' && (!line.seen.fresh || line.op === 'begin');

/** What must be there, what may be there, and that count and log agree. */
function contentOf(look, { name, lines, known }) {
  const { log, count, keys } = look.seen;
  const found = [];
  const due = lines.filter(
    (line) => isAcknowledged(line) && (line.endedAt <= look.startedAt || line === look),
  );
  for (const { id, op } of due) {
    const isThere = (!NOTED.has(op) || log.includes(id)) && (!KEYED.has(op) || keys.includes(id));
    if (!isThere) found.push(broken('an acknowledged change is lost', name, look, { change: id, op }));
  }
  for (const id of new Set(log)) {
    if (log.indexOf(id) !== log.lastIndexOf(id))
      found.push(broken('a change is there twice', name, look, { change: id }));
  }
  for (const id of [...log, ...keys]) {
    if (!known.has(id)) found.push(broken('a foreign change is there', name, look, { change: id }));
  }
  if (count !== log.length) found.push(broken('a save is torn', name, look, { count, log: log.length }));
  return found;
}

/** The subject is the one of the logins, if one was acknowledged. */
function subjectOf(look, { name, lines }) {
  const logins = lines.filter(({ op, startedAt }) => op === 'login' && startedAt <= look.endedAt);
  const isDue = logins.some(
    (line) => isAcknowledged(line) && (line.endedAt <= look.startedAt || line === look),
  );
  const { subject } = look.seen;
  if (isDue && !subject) return [broken('an acknowledged login is lost', name, look)];
  return subject && !logins.length ? [broken('a login came from nowhere', name, look)] : [];
}

/** A change that was not there when its answer was older than the bound, and is there later. */
function lateChanges(looks, { name, known }) {
  const missing = new Set();
  const found = [];
  for (const look of looks.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const there = new Set([...look.seen.log, ...look.seen.keys]);
    for (const id of there)
      if (missing.delete(id)) found.push(broken('a change came late', name, look, { change: id }));
    for (const { id, endedAt } of known.values())
      if (endedAt + LATE < look.startedAt && !there.has(id)) missing.add(id);
  }
  return found;
}

/** A change that was sent while nothing reached the database, and was answered long before that was over. */
function changesAfterAClosure(look, { name, known }, rounds) {
  const closed = rounds.find(({ round, closed }) => closed && round === look.round);
  if (!closed) return [];
  return look.seen.log.flatMap((id) => {
    const { answer, startedAt, endedAt } = known.get(id) ?? {};
    const isLate = answer === 'failed' && startedAt > closed.began && endedAt + LATE < closed.ended;
    return isLate ? [broken('a change came after its answer', name, look, { change: id })] : [];
  });
}

/** A cookie is dead once a logout of its session was acknowledged, or a move away from its family. */
function reopened(line, { name, lines }) {
  if (!isAcknowledged(line) || line.op === 'begin' || line.seen.fresh) return [];
  const end = lines.find((one) => isAcknowledged(one) && one.endedAt <= line.startedAt && ends(one, line));
  return end ? [broken('an ended session opened again', name, line, { ended: end.id, by: end.op })] : [];
}

const ends = (one, line) => one.op === 'logout' || (MOVES.has(one.op) && one.family === line.family);

/** A session must not be gone unless something may have ended it. After a move that failed the session may be where nobody
 *  has its cookie (`stranded`), but only if nobody could ask the database in time what had come of the move. */
function lostSession(line, { name, lines }, rounds, commitTimeout) {
  const isGone =
    line.answer === 'refused' || (isAcknowledged(line) && line.op !== 'begin' && line.seen.fresh);
  const hasBegun = lines.some((one) => one.op === 'begin' && isAcknowledged(one));
  if (!isGone || !hasBegun) return [];
  const ending = lines.filter((one) => one !== line && one.startedAt < line.endedAt && ENDING.has(one.op));
  const reasons = ending.filter((one) => one.op === 'logout' || one.family === line.family);
  if (reasons.some(({ answer, op }) => answer === 'acknowledged' || op === 'logout')) return [];
  if (!reasons.length) return [broken('a session is lost', name, line)];
  if (line.when !== 'calm') return [];
  const round = rounds.find((one) => one.round === line.round);
  const rule = couldBeAsked(round, commitTimeout) ? 'a session is lost by a move that failed' : 'stranded';
  return [broken(rule, name, line, { move: reasons[0].id, fault: round.fault })];
}

/** The database answered again while there was half of the commit timeout left. */
const couldBeAsked = ({ known, slow, began, ended }, commitTimeout) =>
  known || (!slow && ended - began < 500 * commitTimeout);

/** What each cookie showed in the calm after the round it must show in the end. */
function unsteady({ name, lines }) {
  const calm = lines.filter(({ when }) => when === 'calm');
  const end = lines.filter(({ when }) => when === 'end');
  return calm.flatMap((line) => {
    const later = end.find(({ cookie }) => cookie === line.cookie);
    if (!later || !isAcknowledged(line)) return [];
    const facts = ({ seen }) => JSON.stringify(seen && { ...seen, id: undefined });
    return facts(line) === facts(later) ? [] : [broken('a session changed after the answers', name, later)];
  });
}

const broken = (rule, session, { round, id, op, app, when, seen }, facts) => ({
  rule,
  detail: { session, round, at: id, op, app, when, log: seen?.log?.length, ...facts },
});

#!/usr/bin/env node
// Four writers in two processes of the built package work against a Redis Cluster whose primaries are killed.
//
//   npm run test:chaos:redis                    5 kills without WAIT, 5 with it, then stores that break one promise each
//   KILLS=2 SEED=7 npm run test:chaos:redis     fewer kills, other choices
import { check } from './checker.mjs';
import { halfMoves, lostChanges, tellApart } from './lost-writes.mjs';
import { CALM, clusterAt, failovers } from './redis-place.mjs';
import { finish, missedBy, report, runOrExit } from './report.mjs';

const {
  KILLS = '5',
  WAIT_KILLS = KILLS,
  SEED = '1',
  COMMIT_TIMEOUT = '2',
  REDIS_PORT = '18880',
} = process.env;
const [seed, commitTimeout, port] = [SEED, COMMIT_TIMEOUT, REDIS_PORT].map(Number);

const isBroken = ({ rule }) => rule !== 'stranded';
const sessionsOf = (found) => new Set(found.map(({ detail }) => detail.session)).size;
const countOf = (found, rule) => sessionsOf(found.filter((one) => one.rule === rule));

console.log(`seed ${seed}, commit timeout ${commitTimeout} s, node ${process.version}`);
const campaigns = [
  await kill('without WAIT', Number(KILLS), false),
  await kill('with WAIT for one replica', Number(WAIT_KILLS), true),
];
const missed = await missedBy({ faults: [CALM, CALM], seed, commitTimeout, place: clusterAt(port, false) });
finish(campaigns, missed.length > 0, seed);

/** Runs a campaign of kills. Every promise must hold, except where Redis itself has lost a write. */
async function kill(title, kills, wait) {
  const faults = failovers(kills);
  const place = clusterAt(port, wait);
  const journal = await runOrExit({ faults, seed, commitTimeout, place, report: console.log });
  const { broken, stranded, figures } = check(journal.lines);
  const found = [...broken, ...stranded, ...halfMoves(journal.lines)];
  const { broken: ours, lost } = tellApart(found, journal.lines);
  const rows = journal.lines.filter(({ type }) => type === 'lost').flatMap((line) => line.rows);
  console.log(`\n${title}:`, {
    ...figures,
    'rows whose last writes Redis has lost': rows.length,
    'acknowledged changes lost with them': lostChanges(lost),
    'ended sessions opened again by that': countOf(lost, 'an ended session opened again'),
    'sessions lost by that': countOf(lost, 'a session is lost'),
    'sessions that nobody has the cookie of, after a failed move': sessionsOf(
      ours.filter((one) => !isBroken(one)),
    ),
  });
  const failures = ours.filter(isBroken);
  report(failures);
  return { journal, broken: failures };
}

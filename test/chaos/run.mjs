#!/usr/bin/env node
// Four writers in two processes of the built package work against a PostgreSQL that is killed, behind a proxy that fails.
//
//   npm run test:chaos                    8 kills and every network fault, then the same without the version guard
//   KILLS=50 SEED=7 npm run test:chaos    more kills, other choices
//   ONLY='kill|move' npm run test:chaos   only the faults whose name matches
import { boundOf, recoveryOf } from './check-rounds.mjs';
import { check } from './checker.mjs';
import { runCampaign } from './campaign.mjs';
import { schedule } from './faults.mjs';
import { groupBy } from './journal.mjs';

// Whatever ends this process ends the database and the applications too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const { KILLS = '8', SEED = '1', COMMIT_TIMEOUT = '2', ONLY = '.' } = process.env;
const commitTimeout = Number(COMMIT_TIMEOUT);
const seed = Number(SEED);
const faults = schedule(Number(KILLS)).filter(({ name }) => new RegExp(ONLY).test(name));

console.log(
  `seed ${seed}, ${faults.length} faults, commit timeout ${commitTimeout} s, node ${process.version}`,
);
const journal = await runOrExit({ faults, seed, commitTimeout, report: console.log });
const { broken, stranded, figures } = check(journal.lines);
console.table(recoveries(journal.lines));
console.log(figures);
for (const { detail } of stranded) console.log('stranded:', detail.fault, detail.session);
report(broken);

const blind = await runOrExit({ faults: [schedule(0)[0]], seed, commitTimeout, unguarded: true });
blind.remove();
const losses = check(blind.lines).broken.filter(({ rule }) => rule === 'an acknowledged change is lost');
console.log(`without the version guard: ${losses.length} reports of a lost change`);
if (!losses.length) console.error('FAIL: the checker sees no loss where there must be one');

if (!broken.length && losses.length) journal.remove();
else {
  console.error(`FAIL: seed ${seed}, journal ${journal.path}`);
  process.exitCode = 1;
}

function recoveries(lines) {
  const requests = lines.filter(({ op }) => op !== undefined);
  return lines
    .filter(({ type }) => type === 'round')
    .map((round) => ({
      fault: round.fault,
      'lasted (ms)': Math.round(round.ended - round.began),
      'answered 503': requests.filter((line) => line.round === round.round && line.answer === 'failed')
        .length,
      'failed until (ms after)': Math.round(recoveryOf(round, requests)),
      'allowed (ms)': boundOf(round, commitTimeout),
    }));
}

function report(found) {
  const rules = groupBy(found, ({ rule }) => rule);
  for (const [rule, all] of rules) {
    console.error(`\nBROKEN: ${rule} (${all.length})`);
    for (const { detail } of all.slice(0, 5)) console.error('  ', JSON.stringify(detail));
  }
  console.log(found.length ? `\n${found.length} broken promises` : 'every promise held');
}

/** A campaign that breaks off leaves writers that never end. */
function runOrExit(options) {
  return runCampaign(options).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

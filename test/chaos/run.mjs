#!/usr/bin/env node
// Four writers in two processes of the built package work against a PostgreSQL that is killed, behind a proxy that fails.
//
//   npm run test:chaos                    8 kills and every network fault, then the same with stores that break a promise
//   KILLS=50 SEED=7 npm run test:chaos    more kills, other choices
//   ONLY='kill|move' npm run test:chaos   only the faults whose name matches
import { schedule } from './faults.mjs';
import { campaignOf, finish, missedBy } from './report.mjs';

const { KILLS = '8', SEED = '1', COMMIT_TIMEOUT = '2', ONLY = '.' } = process.env;
const [seed, commitTimeout] = [Number(SEED), Number(COMMIT_TIMEOUT)];
const faults = schedule(Number(KILLS)).filter(({ name }) => new RegExp(ONLY).test(name));

console.log(
  `seed ${seed}, ${faults.length} faults, commit timeout ${commitTimeout} s, node ${process.version}`,
);
const campaign = await campaignOf({ faults, seed, commitTimeout });
const missed = await missedBy({ faults: [schedule(0)[0]], seed, commitTimeout });
finish([campaign], missed.length > 0, seed);

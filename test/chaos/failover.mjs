#!/usr/bin/env node
// The same writers work against a primary and its synchronous replica behind HAProxy, and the primary is killed.
//
//   npm run test:failover                        one failover, then one with a replica that lags, which the checker must see
//   FAILOVERS=5 SEED=7 npm run test:failover     more failovers, other choices
//   PATRONI=1 npm run test:failover              Patroni promotes; needs Debian's patroni and etcd-server
import { FAILOVER, LAGGING_FAILOVER } from './faults.mjs';
import { pairOf, patroniPair } from './places.mjs';
import { campaignOf, finish, LAG_SIGNS, sees } from './report.mjs';

const { FAILOVERS = '1', SEED = '1', COMMIT_TIMEOUT = '5', PATRONI } = process.env;
const [seed, commitTimeout] = [Number(SEED), Number(COMMIT_TIMEOUT)];
const faults = Array.from({ length: Number(FAILOVERS) }, () => FAILOVER);

console.log(
  `seed ${seed}, ${faults.length} failovers, commit timeout ${commitTimeout} s, node ${process.version}`,
);
const place = PATRONI ? patroniPair : pairOf({ synchronous: true });
const campaign = await campaignOf({ faults, seed, commitTimeout, place });
const lagging = { faults: [LAGGING_FAILOVER], seed, commitTimeout, place: pairOf({ synchronous: false }) };
const isSeen = await sees(LAG_SIGNS, lagging, 'asynchronous replication');
finish([campaign], !isSeen, seed);

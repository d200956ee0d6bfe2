// What a campaign prints, and the proof that the checker can see.
import { boundOf, recoveryOf } from './check-rounds.mjs';
import { check } from './checker.mjs';
import { runCampaign } from './campaign.mjs';
import { groupBy } from './journal.mjs';

/** What the checker has to report of each store that breaks a promise. */
const SIGNS = {
  unguarded: ['an acknowledged change is lost'],
  reviving: ['an ended session opened again'],
  forgetful: ['an acknowledged change is lost'],
};

/** What it has to report of a replica that lagged: a session that was begun or moved meanwhile is lost with all its changes. */
export const LAG_SIGNS = ['an acknowledged change is lost', 'a session is lost'];

// Whatever ends this process ends the database and the applications too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.setMaxListeners(100); // one for each server that must not stay

/** Runs a campaign, prints what the checker says, and resolves to the journal and the broken promises. */
export async function campaignOf(options) {
  const journal = await runOrExit({ ...options, report: console.log });
  const { broken, stranded, figures } = check(journal.lines);
  console.table(recoveries(journal.lines, options.commitTimeout));
  console.log(figures);
  for (const { detail } of stranded) console.log('stranded:', detail.fault, detail.session);
  report(broken);
  return { journal, broken };
}

/** Runs the same with stores that break a promise, and returns the names of those that the checker did not see. */
export async function missedBy(options) {
  const missed = [];
  for (const [mutant, rules] of Object.entries(SIGNS)) {
    if (!(await sees(rules, { ...options, mutant }, `the store "${mutant}"`))) missed.push(mutant);
  }
  return missed;
}

/** Runs a campaign in which a promise is broken, and resolves to whether the checker has reported it. */
export async function sees(rules, options, what) {
  const journal = await runOrExit(options);
  journal.remove();
  const found = check(journal.lines).broken.filter((one) => rules.includes(one.rule));
  console.log(`${what}: ${found.length} reports of "${rules.join('" or "')}"`);
  if (!found.length) console.error(`FAIL: the checker sees nothing of ${what}`);
  return found.length > 0;
}

/** Ends the process, and says where the journals are, unless all is well. Node 20 has once closed its handles for ever, after all the
 *  sockets of a campaign. */
export function finish(campaigns, isBlind, seed) {
  const failed = campaigns.filter(({ broken }) => broken.length || isBlind);
  for (const one of campaigns) if (!failed.includes(one)) one.journal.remove();
  for (const { journal } of failed) console.error(`FAIL: seed ${seed}, journal ${journal.path}`);
  process.exit(failed.length ? 1 : 0);
}

function recoveries(lines, commitTimeout) {
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

/** Prints the broken promises. */
export function report(found) {
  const rules = groupBy(found, ({ rule }) => rule);
  for (const [rule, all] of rules) {
    console.error(`\nBROKEN: ${rule} (${all.length})`);
    for (const { detail } of all.slice(0, 5)) console.error('  ', JSON.stringify(detail));
  }
  console.log(found.length ? `\n${found.length} broken promises` : 'every promise held');
}

/** A campaign that breaks off leaves writers that never end. */
export function runOrExit(options) {
  return runCampaign(options).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

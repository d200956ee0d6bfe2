import { afterAll, describe, expect, it } from 'vitest';
import { ourFile, readSections, vectorsFile, type Outcome, type PhpCase } from './php-session.js';
import { SECTIONS } from './sections/index.js';

/** The outcomes of the cases of a section. */
interface Tally {
  readonly name: string;
  readonly size: number;
  same: number;
  readonly byRule: Map<string, { readonly reason: string; count: number }>;
  readonly leftOut: string[];
  readonly failed: string[];
}

const sections = readSections(vectorsFile);
const tallies: Tally[] = [];
const titleOf = (vector: PhpCase, i: number) => `${i}: ${vector.id ?? vector.label ?? ''}`;

function tallyOf(name: string, size: number): Tally {
  const tally: Tally = { name, size, same: 0, byRule: new Map(), leftOut: [], failed: [] };
  tallies.push(tally);
  return tally;
}

function count(tally: Tally, title: string, outcome: Outcome): void {
  if (outcome === 'same') tally.same++;
  else if ('leftOut' in outcome) tally.leftOut.push(`${title}: ${outcome.leftOut}`);
  else {
    const rule = tally.byRule.get(outcome.name) ?? { reason: outcome.reason, count: 0 };
    rule.count++;
    tally.byRule.set(outcome.name, rule);
  }
}

function linesOf({ name, size, same, byRule, leftOut, failed }: Tally): string[] {
  const ruled = [...byRule.values()].reduce((sum, { count }) => sum + count, 0);
  return [
    `${name}: ${size} cases, passed ${same}, different by rule ${ruled}, left out ${leftOut.length}, failed ${failed.length}`,
    ...[...byRule].map(([rule, { count, reason }]) => `  ${count} by rule "${rule}": ${reason}`),
    ...leftOut.map((why) => `  left out: ${why}`),
    ...failed.map((title) => `  FAILED: ${title}`),
  ];
}

const notOffered = sections.filter(([name]) => !(name in SECTIONS));

describe.each(sections.filter(([name]) => name in SECTIONS))('%s', (name, cases) => {
  const tally = tallyOf(name, cases.length);

  it.each(cases.map((vector, i) => [titleOf(vector, i), vector] as const))('%s', async (title, vector) => {
    try {
      count(tally, title, await SECTIONS[name]!(vector as never));
    } catch (error) {
      tally.failed.push(title);
      throw error;
    }
  });
});

if (notOffered.length)
  describe('sections without a check', () => {
    it.skip.each(notOffered.map(([name, cases]) => [name, cases.length]))(
      'not offered yet: %s (%i cases)',
      () => {},
    );
  });

describe('the set in this repository', () => {
  it.skipIf(process.env.PHP_VECTORS)('has all its cases, and a section for each check', () => {
    const sizes = Object.fromEntries(readSections(ourFile).map(([name, cases]) => [name, cases.length]));
    expect(sizes).toMatchObject({ serializers: 77, malformed: 68, sid_from_bytes: 27 });
    expect(Object.keys(sizes)).toEqual(expect.arrayContaining(Object.keys(SECTIONS)));
  });

  it.skipIf(process.env.PHP_VECTORS)(
    'meets no rule and leaves nothing out where PHP is followed to the byte',
    () => {
      const exact = tallies.find(({ name }) => name === 'sid_from_bytes')!;
      expect([exact.same, exact.byRule.size, exact.leftOut.length]).toEqual([exact.size, 0, 0]);
    },
  );
});

afterAll(() => {
  console.log([vectorsFile, ...tallies.flatMap(linesOf)].join('\n'));
  for (const [name, cases] of notOffered) console.log(`not offered yet: ${name} (${cases.length} cases)`);
});

import { describe, expect, it } from 'vitest';
import { JoinedLoads } from '../../../../lib/stores/sql/joined-loads.js';

const keys = ['a', 'b', 'c'].map((name) => Buffer.from(name));

/** Loads by what `broken` says: rows that cannot be read fail every statement that asks for them. */
function loadsWith(broken: readonly string[], limit = 60_000) {
  const sent: string[] = [];
  const ask = (names: readonly string[]) => {
    sent.push(names.join('+'));
    if (names.some((name) => broken.includes(name))) throw new Error('cannot be read');
    return names;
  };
  const loads = new JoinedLoads<string>(
    {
      one: async (key) => ask([key.toString()])[0],
      many: async (many) => [...ask(many.map(String))],
    },
    limit,
  );
  return { sent, load: (all: readonly Buffer[]) => Promise.allSettled(all.map((key) => loads.load(key))) };
}

const results = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.map((one) => (one.status === 'fulfilled' ? one.value : 'rejected'));

describe('JoinedLoads', () => {
  it('sends one load as it is', async () => {
    const { sent, load } = loadsWith([]);
    expect(results(await load([keys[0]!]))).toEqual(['a']);
    expect(sent).toEqual(['a']);
  });

  it('loads each alone when the joined statement fails, so that a broken row costs nobody else his answer', async () => {
    const { sent, load } = loadsWith(['b']);
    expect(results(await load(keys))).toEqual(['a', 'rejected', 'c']);
    expect(sent).toEqual(['a+b+c', 'a', 'b', 'c']);
  });

  it('does not begin again when the time is over', async () => {
    const { sent, load } = loadsWith(['b'], 0);
    expect(results(await load(keys))).toEqual(['rejected', 'rejected', 'rejected']);
    expect(sent).toEqual(['a+b+c']);
  });
});

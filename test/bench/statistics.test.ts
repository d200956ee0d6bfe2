import { describe, expect, it } from 'vitest';
import { median, Slices, spread } from '../../bench/http/lib/statistics.mjs';
import { slice } from './slices.js';

const cell = (lines: object[], server = 'ours') => new Slices(lines, 20).cell(server, 'R', 20_000);

describe('median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
  });

  it('ignores what is no number, and of nothing is NaN', () => {
    expect(median([NaN, 3, Infinity])).toBe(3);
    expect(median([])).toBeNaN();
  });
});

describe('spread', () => {
  it('gives the largest and the smallest as multiples of the median', () => {
    expect(spread([10, 20, 50])).toEqual({ median: 20, high: 2.5, low: 0.5, count: 3 });
  });
});

describe('Slices', () => {
  it('counts the CPU of the store as that of the server', () => {
    expect(cell([slice('ours', 0, 30, { store: 12 })]).median).toBe(42);
  });

  it('takes the median of the rounds of a process, so that one bad slice does not show', () => {
    const rounds = [40, 41, 900].map((cpu, round) => slice('ours', 0, cpu, { round }));
    expect(cell(rounds).median).toBe(41);
  });

  it('shows one process in a bad state', () => {
    const lines = ['ours', 'a', 'b', 'c'].flatMap((server) =>
      [0, 1, 2].map((process) => slice(server, process, server === 'ours' && process === 2 ? 80 : 40)),
    );
    expect(cell(lines)).toMatchObject({ median: 40, high: 2, low: 1 });
    expect(cell(lines, 'a')).toMatchObject({ high: 1, low: 1 });
  });

  it('does not take a slow machine for a slow process', () => {
    const lines = ['ours', 'a', 'b'].flatMap((server) =>
      [1, 1, 3].map((pace, process) => slice(server, process, 40 * pace)),
    );
    expect(cell(lines)).toMatchObject({ median: 40, high: 1, low: 1 });
  });

  it('pairs ours and the peer within a round of the same process number', () => {
    const lines = [
      [50, 25],
      [100, 50],
      [900, 300],
    ].flatMap(([ours, peer], process) => [slice('ours', process, ours!), slice('peer', process, peer!)]);
    expect(new Slices(lines, 20).ratio('ours', 'peer', 'R', 20_000)).toBe(2);
  });

  it('pairs the rounds of one process, of which each may have another pace', () => {
    const rounds = [1, 4, 2].flatMap((pace, round) => [
      slice('ours', 0, 30 * pace, { round }),
      slice('peer', 0, 10 * pace, { round }),
    ]);
    expect(new Slices(rounds, 20).ratio('ours', 'peer', 'R', 20_000)).toBe(3);
  });

  it('leaves a round without a partner out', () => {
    const lines = [slice('ours', 0, 50), slice('peer', 0, 25), slice('ours', 1, 500)];
    expect(new Slices(lines, 20).ratio('ours', 'peer', 'R', 20_000)).toBe(2);
  });

  it('knows nothing of another version of Node, route or number of sessions', () => {
    const others = [{ node: 24 }, { route: 'W' }, { sessions: 200 }].map((more) => slice('ours', 0, 7, more));
    expect(cell(others).count).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { Turns } from '../../../lib/persistence/turns.js';

const never = new AbortController().signal;

describe('Turns', () => {
  it('come in the order in which they were asked for, each when the one before has left', async () => {
    const turns = new Turns();
    const order: number[] = [];
    const take = async (n: number) => {
      expect(await turns.wait('a', never)).toBe(true);
      order.push(n);
    };
    await take(0);
    const waiting = [take(1), take(2)];
    turns.leave('a');
    await waiting[0];
    expect(order).toEqual([0, 1]);
    turns.leave('a');
    await waiting[1];
    expect(order).toEqual([0, 1, 2]);
  });

  it('of other names do not wait, nor does a name that everybody has left', async () => {
    const turns = new Turns();
    expect(await turns.wait('a', never)).toBe(true);
    expect(await turns.wait('b', never)).toBe(true);
    turns.leave('a');
    expect(await turns.wait('a', never)).toBe(true);
  });

  it('pass over who has given up', async () => {
    const turns = new Turns();
    const impatient = new AbortController();
    await turns.wait('a', never);
    const second = turns.wait('a', impatient.signal);
    const third = turns.wait('a', never);
    impatient.abort();
    expect(await second).toBe(false);
    turns.leave('a');
    expect(await third).toBe(true);
    expect(await turns.wait('a', impatient.signal)).toBe(false);
  });
});

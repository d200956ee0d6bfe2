import { describe, expect, it } from 'vitest';
import { Places } from '../../../../lib/stores/sql/places.js';

const LATER = Infinity;
const soon = () => performance.now() + 2;

describe('Places', () => {
  it('are taken at once while there are some', () => {
    const places = new Places(2);
    expect([places.take(LATER), places.take(LATER)]).toEqual([undefined, undefined]);
  });

  it('go to those who wait, the first first', async () => {
    const places = new Places(1);
    void places.take(LATER);
    const order: string[] = [];
    const waiting = ['a', 'b'].map((name) =>
      places.take(performance.now() + 60_000)!.then(() => order.push(name)),
    );
    places.leave();
    await waiting[0];
    expect(order).toEqual(['a']);
    places.leave();
    await waiting[1];
    places.leave();
    expect(places.take(LATER)).toBeUndefined();
  });

  it('are not given to one who has given up', async () => {
    const places = new Places(1);
    void places.take(LATER);
    await expect(places.take(soon())).rejects.toMatchObject({ code: 'timeout' });
    places.leave();
    expect(places.take(LATER)).toBeUndefined();
  });

  it('refuse at once when a thousand wait', async () => {
    const places = new Places(1);
    void places.take(LATER);
    const waiting = Array.from({ length: 1000 }, () => places.take(performance.now() + 60_000));
    await expect(places.take(LATER)).rejects.toMatchObject({ code: 'crowded' });
    for (const one of waiting) {
      places.leave();
      await one;
    }
  });
});

// Random choices that a seed repeats.

/** mulberry32: gives a function that returns numbers from 0 up to 1. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Picks a name from a table of weights. */
export function pick(random, weights) {
  let left = random() * Object.values(weights).reduce((sum, weight) => sum + weight);
  for (const [name, weight] of Object.entries(weights)) if ((left -= weight) < 0) return name;
  throw new Error('the weights are empty');
}

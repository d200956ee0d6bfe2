/** Keys that a message names, at most. */
const MAX_KEYS = 3;

/** Characters of one key in a message. An application may use what a visitor has typed as a key. */
const MAX_NAME = 40;

type Size = readonly [key: string, bytes: number];

/** Returns the keys that take the most bytes, largest first, as a message shows them: `"cart" 4000, "theme" 20`; an empty text
 *  for none. It shows no value. Characters that nobody sees may be in it. */
export function largestKeys(bytesByKey: Readonly<Record<string, number>>): string {
  const largest: Size[] = [];
  for (const size of Object.entries(bytesByKey)) keepLargest(largest, size);
  return largest.map(([key, bytes]) => `${shown(key)} ${bytes}`).join(', ');
}

/** Puts a size where it belongs among the largest ones. The list never grows, so that the work is linear. */
function keepLargest(largest: Size[], size: Size): void {
  largest.push(size);
  largest.sort(([, a], [, b]) => b - a);
  largest.length = Math.min(largest.length, MAX_KEYS);
}

const shown = (key: string): string =>
  JSON.stringify(key.length > MAX_NAME ? `${key.slice(0, MAX_NAME)}…` : key);

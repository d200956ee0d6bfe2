import type { RedisServer, Send } from './client.interface.js';

/** Keys that one SCAN looks at. */
const COUNT = '500';

/** Yields the names of all rows, in no order, a page at a time. A name can come twice while a Cluster moves keys. For
 *  administration only: it looks at every key of every primary. */
export async function* scanNames(server: RedisServer, prefix: string): AsyncGenerator<string[]> {
  const whole = `${server.keyPrefix}${prefix}`;
  for (const send of await server.primaries()) yield* scanOne(send, whole);
}

async function* scanOne(send: Send, prefix: string): AsyncGenerator<string[]> {
  const pattern = patternOf(prefix);
  let cursor = '0';
  do {
    const [next, keys] = (await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', COUNT])) as [
      Buffer,
      Buffer[],
    ];
    cursor = next.toString();
    yield keys.map((key) => key.toString().slice(prefix.length)).filter(isName);
  } while (cursor !== '0');
}

/** Returns the pattern of all keys that begin so, for SCAN. */
export const patternOf = (prefix: string): string => `${prefix.replaceAll(/[*?[\]\\^]/g, '\\$&')}*`;

/** The base64url of 32 bytes. */
const isName = (name: string): boolean => /^[\w-]{43}$/.test(name);

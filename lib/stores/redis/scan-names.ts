import { SessionStoreError } from '../../errors/session-store.error.js';
import { within } from '../time-limit.js';
import type { RedisServer, Send } from './client.interface.js';
import { proofAt } from './prove-primary.js';
import { reasonOf } from './reply-error.js';

/** Keys that one SCAN looks at. */
const COUNT = '500';

/** Yields the names of all rows, in no order, a page at a time. A name can come twice while a Cluster moves keys. For
 *  administration only: it looks at every key of every primary. `end` returns the moment of `performance.now()` at which a page that
 *  is asked for now must be here. Rejects with a SessionStoreError if one server does not answer, or is a replica at the end: a
 *  part of the rows is none, and so are old ones. */
export async function* scanNames(
  server: RedisServer,
  prefix: string,
  end: () => number,
): AsyncGenerator<string[]> {
  const whole = `${server.keyPrefix}${prefix}`;
  for (const send of await inTime(end(), server.primaries())) yield* scanOne(send, whole, end);
}

const inTime = <R>(end: number, asked: Promise<R>): Promise<R> =>
  within(end, asked).catch((error: unknown) => {
    throw new SessionStoreError('scan', reasonOf(error));
  });

async function* scanOne(send: Send, prefix: string, end: () => number): AsyncGenerator<string[]> {
  const pattern = patternOf(prefix);
  let cursor = '0';
  do {
    const page = send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', COUNT]);
    const [next, keys] = (await inTime(end(), page)) as [Buffer, Buffer[]];
    cursor = next.toString();
    yield keys.map((key) => key.toString().slice(prefix.length)).filter(isName);
  } while (cursor !== '0');
  await inTime(end(), send(proofAt(`${prefix}start`)));
}

/** Returns the pattern of all keys that begin so, for SCAN. */
export const patternOf = (prefix: string): string => `${prefix.replaceAll(/[*?[\]\\^]/g, '\\$&')}*`;

/** The base64url of 32 bytes. */
const isName = (name: string): boolean => /^[\w-]{43}$/.test(name);

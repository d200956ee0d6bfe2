// Shared by both: a ring and an envelope as the package makes them, and CPU per operation, interleaved.
import { randomBytes } from 'node:crypto';
import { OpensslDriver } from '../../dist/lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../dist/lib/crypto/key-ring-factory.js';
import { SUITES } from '../../dist/lib/crypto/suites.js';
import { Envelope } from '../../dist/lib/envelope/envelope.js';
import { EnvelopeContext } from '../../dist/lib/envelope/envelope-context.js';

export const secret = () => randomBytes(32);
export const context = new EnvelopeContext({
  purpose: 'session',
  store: 'cookie',
  name: '__Host-sid',
  tenant: '',
  audience: '',
});

/** An envelope over a ring of raw secrets; the maker wipes what it reads, so it gets copies. */
export async function envelopeOf(secrets, cacheSize) {
  const driver = new OpensslDriver();
  const maker = new KeyRingFactory(driver, { ring: 'default', salt: '' });
  const ring = await maker.make(secrets.map((bytes) => ({ kind: 'raw', bytes: Buffer.from(bytes) })));
  return new Envelope(driver, { ring }, { suite: SUITES[0], accepted: [SUITES[0]], cacheSize });
}

/** Microseconds of CPU per call of `operation(i)`. */
function cpuOf(operation, calls) {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) operation(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Runs all operations in turn, forwards and backwards, and gives the list of each one's rounds. */
export function interleave(operations, { rounds = 41, calls = 2000 } = {}) {
  const results = operations.map(() => []);
  const turns = operations.map((operation, i) => () => results[i].push(cpuOf(operation, calls)));
  for (const operation of operations) cpuOf(operation, 2 * calls); // warm-up
  for (let k = 0; k < rounds; k++) for (const turn of k % 2 ? turns.toReversed() : turns) turn();
  return results;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Median of the ratios within each round: what a busy machine does to one, it does to the other. */
export const pairedRatio = (values, to) => median(values.map((value, i) => value / to[i]));

/** Bytes like a session's record: JSON, of exactly this size. */
export const plaintextOf = (size) =>
  Buffer.from(JSON.stringify({ d: 'abcdefghij'.repeat(size) }).slice(0, size));

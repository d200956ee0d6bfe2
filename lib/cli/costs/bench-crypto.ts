import { randomBytes } from 'node:crypto';
import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import { DRIVER_ROWS } from '../../crypto/drivers/driver-rows.js';
import type { DriverRow } from '../../crypto/drivers/driver-row.interface.js';
import { KeyRingFactory } from '../../crypto/key-ring-factory.js';
import { stretchPassphrase } from '../../crypto/passphrase.js';
import { selfTest } from '../../crypto/self-test.js';
import { SUITES, type Suite } from '../../crypto/suites.js';
import { Envelope } from '../../envelope/envelope.js';
import { EnvelopeContext } from '../../envelope/envelope-context.js';
import { codeOf } from '../../errors/session-store.error.js';
import { NativeCodec } from '../../persistence/native.codec.js';
import type { SessionRecord } from '../../record/session-record.js';
import { measure, type Measured } from './measure.js';

/** One line of the result. */
export interface BenchRow extends Partial<Measured> {
  /** A driver, or a store. */
  readonly of: string;
  /** The cipher, or how the store was reached. */
  readonly by: string;
  readonly operation: string;
  /** Why it was not measured. */
  readonly skipped?: string;
}

const LIMIT = 2 ** 20;
const CONTEXT = new EnvelopeContext({
  purpose: 'bench',
  store: 'cookie',
  name: 'sid',
  tenant: '',
  audience: '',
});

/** Measures all drivers that this machine can use without parameters, each with all its ciphers. */
export async function benchDrivers(record: SessionRecord, milliseconds: number): Promise<BenchRow[]> {
  const usable: [DriverRow, CryptoDriver][] = [];
  const rows: BenchRow[] = [];
  for (const row of DRIVER_ROWS) {
    const opened = await openDriver(row);
    if (typeof opened === 'string') rows.push({ of: row.name, by: '', operation: '', skipped: opened });
    else usable.push([row, opened]);
  }
  const pairs = usable.flatMap(([row, driver]) =>
    SUITES.filter(({ cipher }) => driver.ciphers.includes(cipher)).map((suite) => ({ row, driver, suite })),
  );
  const measured: BenchRow[] = [];
  for (const { row, driver, suite } of pairs)
    measured.push(...(await benchSuite(row.name, driver, suite, record, milliseconds / pairs.length / 2)));
  for (const [, driver] of usable) await driver.close?.();
  return [...measured, ...rows];
}

/** Opens a driver without parameters, or returns the reason why it cannot be. */
async function openDriver(row: DriverRow): Promise<CryptoDriver | string> {
  try {
    const missing = await row.missing();
    if (missing) return missing;
    if (row.needs) return `it needs ${row.needs}: pass options that use it by --config`;
    return await row.open({}, 'crypto.driver');
  } catch (error) {
    return `it cannot be opened (${codeOf(error)})`;
  }
}

async function benchSuite(
  of: string,
  driver: CryptoDriver,
  suite: Suite,
  record: SessionRecord,
  milliseconds: number,
): Promise<BenchRow[]> {
  const fault = await selfTest(driver, suite).catch((error: unknown) => codeOf(error));
  if (fault) return [{ of, by: suite.cipher, operation: '', skipped: `it fails its self-test: ${fault}` }];
  const secret = { kind: 'raw', bytes: randomBytes(32) } as const;
  const ring = await new KeyRingFactory(driver, { ring: 'bench', salt: '' }).make([secret]);
  const envelope = new Envelope(driver, { ring }, { suite, accepted: [suite], cacheSize: 10 });
  return benchCodec(of, suite.cipher, new NativeCodec(envelope, CONTEXT, LIMIT), record, milliseconds);
}

/** Measures what a session costs: from the record to the cookie's value, and back. */
async function benchCodec(
  of: string,
  by: string,
  codec: NativeCodec,
  record: SessionRecord,
  milliseconds: number,
): Promise<BenchRow[]> {
  const text = await codec.seal(record, LIMIT);
  return [
    { of, by, operation: 'seal', ...(await measure(() => codec.seal(record, LIMIT), milliseconds)) },
    { of, by, operation: 'open', ...(await measure(() => codec.open(text), milliseconds)) },
  ];
}

/** Measures what the start takes for one passphrase. A raw key costs nothing. */
export async function benchPassphrase(): Promise<BenchRow> {
  const began = performance.now();
  await stretchPassphrase(Buffer.from('a passphrase of the bench'), 'bench', '');
  const median = Math.round((performance.now() - began) * 1000);
  return { of: 'start', by: 'scrypt', operation: 'one passphrase', median, p99: median, operations: 1 };
}

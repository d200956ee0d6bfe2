import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SUITES } from '../../../lib/crypto/suites.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { unwrapFault, WrappedKeys } from '../../../lib/ring/wrapped-keys.js';
import type { KeyFacts, KeyRow } from '../../../lib/stores/key-row-store.interface.js';
import { ringMaker, ringOf } from '../crypto/rings.js';

const BYTES = randomBytes(32);
const FACTS: KeyFacts = {
  id: 3,
  version: 2,
  hint: 0x31b74615,
  state: 'retiring',
  createdAt: new Date(1_767_225_600_000),
  sealsAt: new Date(1_767_398_400_000),
  retiresAt: new Date(1_775_174_400_000),
  dropsAt: new Date(1_775_203_800_000),
};

async function wrapping(ring: string, ...fills: number[]): Promise<WrappedKeys> {
  const keys = { ring: await ringOf(...fills) };
  const accepted = [SUITES[0]!];
  return new WrappedKeys(
    new Envelope(new OpensslDriver(), keys, { suite: SUITES[0]!, accepted, cacheSize: 10 }),
    ring,
  );
}

describe('WrappedKeys', () => {
  let wrapped: WrappedKeys;
  let row: KeyRow;
  beforeAll(async () => {
    wrapped = await wrapping('default', 1);
    row = await wrapped.wrap(Buffer.from(BYTES), FACTS);
  });

  it('opens what it has wrapped', async () => {
    expect(await wrapped.unwrap(row)).toEqual({ bytes: BYTES, stale: false });
    expect(row.wrapped.includes(BYTES)).toBe(false);
  });

  it.each([
    { id: 4 },
    { version: 3 },
    { hint: 1 },
    { state: 'sealing' as const },
    { state: 'published' as const },
    { createdAt: new Date(1) },
    { sealsAt: new Date(1) },
    { retiresAt: undefined },
    { dropsAt: new Date(1_775_203_800_001) },
  ])('does not open a row whose columns were changed: %j', async (change) => {
    expect(await wrapped.unwrap({ ...row, ...change })).toBe('tag');
  });

  it('does not open a row of another ring that has the same secrets', async () => {
    expect(await (await wrapping('other', 1)).unwrap(row)).toBe('tag');
  });

  it('does not open a key of another row', async () => {
    const other = await wrapped.wrap(randomBytes(32), { ...FACTS, id: 4 });
    expect(await wrapped.unwrap({ ...row, wrapped: other.wrapped })).toBe('tag');
  });

  it('opens by a later secret, and says that another one is the first', async () => {
    expect(await (await wrapping('default', 2, 1)).unwrap(row)).toEqual({ bytes: BYTES, stale: true });
    expect(await (await wrapping('default', 2)).unwrap(row)).toBe('unknown-key');
  });

  it('names row and secret by their hints, and says what to do', async () => {
    const { first } = await ringMaker().make([{ kind: 'raw', bytes: Buffer.alloc(32, 1) }]);
    const said = unwrapFault(row, 'unknown-key', [0xabc]);
    expect(said).toContain('the row of key 3 (hint 31b74615) is wrapped by a secret with the hint');
    expect(said).toContain(`hint ${first.hint.toString(16).padStart(8, '0')}, which is missing`);
    expect(said).toContain(
      'the hints of the secrets in crypto.secrets are 00000abc; put the missing secret back',
    );
    expect(unwrapFault(row, 'version', [])).toContain('crypto.acceptCiphers');
    expect(unwrapFault(row, 'tag', [])).toContain('somebody has changed the row');
    expect(said).toContain('session-crypto keys revoke 3');
  });
});

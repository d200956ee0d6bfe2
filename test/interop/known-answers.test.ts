import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../lib/crypto/key-ring-factory.js';
import { suiteByVersion } from '../../lib/crypto/suites.js';
import type { KeyRing } from '../../lib/crypto/key-ring.js';
import { encodeFrame } from '../../lib/envelope/frame.js';
import { EnvelopeContext, NO_ROW, writeHeader } from '../../lib/envelope/envelope-context.js';
import { CsrfTokens } from '../../lib/envelope/csrf-token.js';
import { ReferenceTokens } from '../../lib/envelope/reference-token.js';
import { deriveEpochKey } from '../../lib/envelope/epoch-key.js';

const page = readFileSync(new URL('../../docs/wire-format.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('## 9. Known answers'));
const EPOCH = Buffer.alloc(12, 0x11);
const NONCE = Buffer.alloc(12, 0x22);
const driver = new OpensslDriver();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const contextOf = (purpose: string, store: string, name: string) =>
  new EnvelopeContext({ purpose, store, name, tenant: '', audience: 'app.example' });

let ring: KeyRing;
beforeAll(async () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  ring = await new KeyRingFactory(driver, { ring: 'default', salt: '' }).make([{ kind: 'raw', bytes }]);
});

/** An envelope with the epoch and nonce of the page. */
async function sealed(
  version: number,
  plaintext: Buffer,
  context: EnvelopeContext,
  row: Buffer = NO_ROW,
): Promise<Buffer> {
  const suite = suiteByVersion.get(version)!;
  const prefix = Buffer.concat([Buffer.alloc(5), EPOCH]);
  writeHeader(prefix, version, ring.first.hint);
  const { key, commitment } = await deriveEpochKey(driver, suite, ring.first.subkeys[suite.subkey], prefix);
  const body = await driver.seal(suite, key as never, NONCE, plaintext, context.encode(prefix, row));
  return Buffer.concat([prefix, NONCE, commitment, body]);
}

const frame = encodeFrame(
  {
    id: Buffer.alloc(16, 0xab),
    idIssuedAt: 1767225600,
    lastSeenAt: 1767225600,
    deadline: 1767268800,
    idleTimeout: 1800,
    authenticatedAt: 1767225600,
    generation: 1,
    epoch: 0,
  },
  '{"u":42}',
);

describe('the known answers of docs/wire-format.md', () => {
  const cookie = contextOf('session', 'cookie', '__Host-sid');
  const rowKey = ReferenceTokens.rowKey(Buffer.alloc(32, 0x22));

  it.each([0x11, 0x12, 0x13])('hold for an envelope of suite %i', async (version) => {
    const envelope = await sealed(version, frame, cookie);
    expect(envelope.length).toBe(133);
    expect(section).toContain(sha256(envelope));
    expect(section).toContain(envelope.toString('hex', 29, 61));
    expect(section).toContain(envelope.toString('hex', 117));
  });

  it('hold for the key hint', () => {
    expect(section).toContain(`\`${ring.first.hint.toString(16)}\``);
  });

  it('hold for a reference token and its row', () => {
    const tokens = new ReferenceTokens({ ring }, contextOf('session', 'postgres', '__Host-sid'));
    expect(section).toContain(`\`${tokens.write(Buffer.alloc(32, 0x22))}\``);
    expect(section).toContain(rowKey.toString('hex'));
  });

  it('hold for a CSRF token', () => {
    const token = /seed `the seed of a session`:\s`([\w-]{64})`/.exec(section)![1]!;
    expect(new CsrfTokens({ ring }).timeOf(token, 'the seed of a session')).toBe(1767225600);
  });

  it('hold for a pointer', async () => {
    const movedAt = Buffer.alloc(4);
    movedAt.writeUInt32BE(1767225600);
    const pointer = Buffer.concat([Buffer.alloc(32, 0x33), movedAt, Buffer.from('42')]);
    const envelope = await sealed(0x11, pointer, contextOf('successor', 'postgres', 'session'), rowKey);
    expect(envelope.length).toBe(115);
    expect(section).toContain(sha256(envelope));
  });
});

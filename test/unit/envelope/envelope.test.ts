import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SUITES } from '../../../lib/crypto/suites.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import type { KeyRing } from '../../../lib/crypto/key-ring.js';
import { Envelope, ENVELOPE_OVERHEAD, type Opened } from '../../../lib/envelope/envelope.js';
import { NO_ROW, type ContextItems } from '../../../lib/envelope/envelope-context.js';
import { ringMaker, rawSecret, ringOf } from '../crypto/rings.js';
import { context, envelopeOf, flipped, ITEMS, suiteOf } from './samples.js';

const TEXT = Buffer.from('{"u":42}');
const sealed = (envelope: Envelope, text = TEXT, items: Partial<ContextItems> = {}, row = NO_ROW) =>
  envelope.seal(text, context(items), row) as Buffer;
const open = (envelope: Envelope, bytes: Buffer, items: Partial<ContextItems> = {}, row = NO_ROW) =>
  envelope.open(bytes, context(items), row);

/** Returns its results in later turns and out of order: short ones overtake long ones. */
function laterDriver(): CryptoDriver {
  const openssl = new OpensslDriver();
  let calls = 0;
  const later = async <T>(work: () => T): Promise<T> => {
    for (let turns = (calls++ * 7) % 5; turns >= 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
    return work();
  };
  return {
    name: 'later',
    ciphers: openssl.ciphers,
    importKey: (bytes) => later(() => openssl.importKey(bytes)),
    expand: (key, info, length) => later(() => openssl.expand(key as never, info, length)),
    seal: (suite, key, ...rest) => later(() => openssl.seal(suite, key as never, ...rest)),
    open: (suite, key, ...rest) => later(() => openssl.open(suite, key as never, ...rest)),
  };
}

/** Counts derivations. */
class CountingDriver extends OpensslDriver {
  expansions = 0;

  override expand(...[key, info, length]: Parameters<OpensslDriver['expand']>) {
    this.expansions++;
    return super.expand(key, info, length);
  }
}

describe.each(SUITES)('Envelope of $cipher', (suite) => {
  it('opens what it sealed, and seals the same text differently each time', async () => {
    const envelope = envelopeOf({ ring: await ringOf(1) }, { suite });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 40 }), (text, row) => {
        const [one, two] = [
          sealed(envelope, Buffer.from(text), {}, Buffer.from(row)),
          sealed(envelope, Buffer.from(text), {}, Buffer.from(row)),
        ];
        expect(one).toHaveLength(text.length + ENVELOPE_OVERHEAD);
        expect(one[0]).toBe(suite.version);
        expect(one).not.toEqual(two);
        for (const bytes of [one, two])
          expect(open(envelope, bytes, {}, Buffer.from(row))).toEqual({
            plaintext: Buffer.from(text),
            stale: false,
          });
      }),
      { numRuns: 50 },
    );
  });

  it('refuses every flipped bit, with the derived key in the cache or not', async () => {
    const ring = await ringOf(1, 2);
    const [cached, uncached] = [
      envelopeOf({ ring }, { suite }),
      envelopeOf({ ring }, { suite, cacheSize: 0 }),
    ];
    const sample = sealed(cached);
    expect(open(cached, sample)).toMatchObject({ plaintext: TEXT });
    for (let bit = 0; bit < sample.length * 8; bit++)
      for (const envelope of [cached, uncached])
        expect(open(envelope, flipped(sample, bit)), `bit ${bit}`).toBeTypeOf('string');
  });

  it('refuses every truncation and extension', async () => {
    const envelope = envelopeOf({ ring: await ringOf(1) }, { suite });
    const sample = sealed(envelope);
    for (let length = 0; length < sample.length; length++) {
      expect(open(envelope, sample.subarray(0, length))).toBeTypeOf('string');
      expect(open(envelope, sample.subarray(sample.length - length))).toBeTypeOf('string');
    }
    for (const more of [1, 2, 15, 16, 17, 100])
      for (const fill of [0, 0xff])
        expect(open(envelope, Buffer.concat([sample, Buffer.alloc(more, fill)]))).toBeTypeOf('string');
  });

  it.each([16_384, 40_000, 1_048_576 + 48])(
    'carries %i bytes, and refuses a flip anywhere in them',
    async (length) => {
      const envelope = envelopeOf({ ring: await ringOf(1) }, { suite });
      const text = Buffer.alloc(length, 'sixteen bytes ok');
      const sample = sealed(envelope, text);
      expect((open(envelope, sample) as Opened).plaintext.equals(text)).toBe(true);
      for (let at = ENVELOPE_OVERHEAD; at < sample.length; at += 16_384)
        expect(open(envelope, flipped(sample, at * 8))).toBe('tag');
      expect(open(envelope, sample.subarray(0, -1))).toBe('tag');
    },
  );
});

describe('Envelope', () => {
  const row = Buffer.alloc(32, 9);

  it.each([
    { what: 'purpose', items: { purpose: 'successor' } },
    { what: 'store', items: { store: 'postgres' } },
    { what: 'name', items: { name: '__Secure-sid' } },
    { what: 'tenant', items: { tenant: 'a' } },
    { what: 'audience', items: { audience: 'other.example' } },
    { what: 'row', items: {}, row: Buffer.alloc(32, 8) },
    { what: 'row, namely none', items: {}, row: NO_ROW },
  ])(
    'refuses what was moved to another $what, its derived key cached or not',
    async ({ items, row: other = row }) => {
      const ring = await ringOf(1);
      const [cached, uncached] = [envelopeOf({ ring }), envelopeOf({ ring }, { cacheSize: 0 })];
      const sample = sealed(uncached, TEXT, {}, row);
      for (let i = 0; i < 3; i++) {
        expect(open(cached, sample, {}, row)).toMatchObject({ plaintext: TEXT });
        expect(open(cached, sample, items, other)).toBe('tag');
      }
      expect(open(uncached, sample, items, other)).toBe('tag');
    },
  );

  it('refuses any other context', async () => {
    const envelope = envelopeOf({ ring: await ringOf(1) });
    const text = fc.string({ unit: 'grapheme', maxLength: 8 });
    const items = fc.record({ purpose: text, store: text, name: text, tenant: text, audience: text });
    fc.assert(
      fc.property(items, items, (one, two) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(two));
        expect(open(envelope, sealed(envelope, TEXT, one), two)).toBe('tag');
      }),
    );
  });

  it('returns the reason of a refusal, for counters', async () => {
    const ring = await ringOf(1);
    const envelope = envelopeOf({ ring }, { accepted: [suiteOf('aes256')] });
    const sample = sealed(envelope);
    const changed = (at: number, value: number) => {
      const bytes = Buffer.from(sample);
      bytes[at] = value;
      return open(envelope, bytes);
    };
    expect(open(envelope, sample.subarray(0, 76))).toBe('length');
    expect(open(envelope, Buffer.alloc(0))).toBe('length');
    for (const version of [0x00, 0x01, 0x10, 0x12, 0x13, 0x14, 0x40, 0x81, 0xff])
      expect(changed(0, version)).toBe('version');
    for (const at of [1, 2, 3, 4]) expect(changed(at, sample[at]! ^ 1)).toBe('unknown-key');
    for (const at of [5, 16, 29, 60]) expect(changed(at, sample[at]! ^ 1)).toBe('commitment');
    for (const at of [17, 28, 61, sample.length - 1]) expect(changed(at, sample[at]! ^ 1)).toBe('tag');
  });

  it('opens only enabled suites, and reports every suite but the sealing one as stale', async () => {
    const ring = await ringOf(1);
    const [aes256, chacha20] = [suiteOf('aes256'), suiteOf('chacha20')];
    const sample = sealed(envelopeOf({ ring }, { suite: chacha20 }));
    expect(open(envelopeOf({ ring }, { suite: aes256, accepted: [aes256] }), sample)).toBe('version');
    expect(open(envelopeOf({ ring }, { suite: aes256, accepted: [aes256, chacha20] }), sample)).toMatchObject(
      { stale: true },
    );
  });

  it('refuses an envelope whose version byte names another enabled suite', async () => {
    const envelope = envelopeOf({ ring: await ringOf(1) });
    for (const from of SUITES)
      for (const { version } of SUITES.filter((suite) => suite !== from)) {
        const bytes = sealed(envelopeOf({ ring: await ringOf(1) }, { suite: from }));
        bytes[0] = version;
        expect(open(envelope, bytes)).toBe('commitment');
      }
  });

  it('opens what an older key sealed, and reports it as stale', async () => {
    const sample = sealed(envelopeOf({ ring: await ringOf(1) }));
    const phases = [
      { fills: [1], stale: false },
      { fills: [1, 2], stale: false },
      { fills: [2, 1], stale: true },
    ];
    for (const { fills, stale } of phases)
      expect(open(envelopeOf({ ring: await ringOf(...fills) }), sample)).toEqual({ plaintext: TEXT, stale });
    expect(open(envelopeOf({ ring: await ringOf(2) }), sample)).toBe('unknown-key');
  });

  it('refuses what a revoked key sealed, and seals what a retiring first key sealed once, by the next', async () => {
    const sample = sealed(envelopeOf({ ring: await ringOf(1) }));
    const [revoked, retiring] = [
      await ringMaker().make([rawSecret(2), rawSecret(1, 'revoked')]),
      await ringMaker().make([rawSecret(1, 'retiring'), rawSecret(2)]),
    ];
    expect(open(envelopeOf({ ring: revoked }), sample)).toBe('unknown-key');
    const envelope = envelopeOf({ ring: retiring });
    expect(open(envelope, sample)).toMatchObject({ stale: true });
    expect(open(envelope, sealed(envelope))).toMatchObject({ stale: false });
  });

  it('opens with the last of 100 keys', async () => {
    const fills = Array.from({ length: 100 }, (_, i) => i + 1);
    const sample = sealed(envelopeOf({ ring: await ringOf(100) }));
    expect(open(envelopeOf({ ring: await ringOf(...fills) }), sample)).toEqual({
      plaintext: TEXT,
      stale: true,
    });
  });
});

describe('Envelope with its cache', () => {
  async function counted(cacheSize = 100) {
    const driver = new CountingDriver();
    const keys: { ring: KeyRing } = { ring: await ringOf(1) };
    const envelope = envelopeOf(keys, { driver, cacheSize });
    const sample = sealed(envelopeOf(keys));
    return { driver, keys, envelope, sample, made: () => driver.expansions };
  }

  it('derives once for many openings', async () => {
    const { envelope, sample, made } = await counted();
    for (let i = 0; i < 5; i++) expect(open(envelope, sample)).toMatchObject({ plaintext: TEXT });
    expect(made()).toBe(1);
  });

  it('derives each time without a cache', async () => {
    const { envelope, sample, made } = await counted(0);
    for (let i = 0; i < 5; i++) open(envelope, sample);
    expect(made()).toBe(5);
  });

  it('does not derive again to open what it sealed itself', async () => {
    const { envelope, made } = await counted();
    const own = sealed(envelope);
    expect(made()).toBe(1);
    expect(open(envelope, own)).toMatchObject({ plaintext: TEXT });
    expect(made()).toBe(1);
  });

  it('caches nothing for a value that did not open', async () => {
    const { envelope, sample, made } = await counted();
    for (let i = 0; i < 3; i++) open(envelope, flipped(sample, (sample.length - 1) * 8));
    for (let i = 0; i < 3; i++) open(envelope, flipped(sample, 30 * 8));
    for (let i = 0; i < 3; i++) open(envelope, sample, { tenant: 'another' });
    expect(made()).toBe(9);
  });

  it('compares the commitment of every hit', async () => {
    const { envelope, sample, made } = await counted();
    open(envelope, sample);
    for (const at of [29, 45, 60]) expect(open(envelope, flipped(sample, at * 8))).toBe('commitment');
    expect(made()).toBe(1);
  });

  it('costs a forged value of a new epoch one derivation and no decryption', async () => {
    const { driver, envelope, sample, made } = await counted();
    driver.open = () => {
      throw new Error('decrypted');
    };
    for (let at = 5; at < 17; at++) expect(open(envelope, flipped(sample, at * 8))).toBe('commitment');
    expect(made()).toBe(12);
  });

  it('loses no key to forged values, however many there are', async () => {
    const { envelope, sample, made } = await counted(2);
    open(envelope, sample);
    for (let i = 0; i < 100; i++) {
      const forged = Buffer.from(sample);
      forged.writeUInt32BE(i, 5);
      open(envelope, forged);
    }
    const derived = made();
    expect(open(envelope, sample)).toMatchObject({ plaintext: TEXT });
    expect(made()).toBe(derived);
  });

  it('derives once for all values of an epoch, whatever they are bound to', async () => {
    const { keys, envelope, made } = await counted();
    const writer = envelopeOf(keys);
    for (let i = 0; i < 50; i++) {
      const row = Buffer.alloc(32, i);
      expect(open(envelope, sealed(writer, TEXT, {}, row), {}, row)).toMatchObject({ plaintext: TEXT });
    }
    expect(made()).toBe(1);
  });

  it('forgets everything when the ring changes', async () => {
    const { envelope, keys, sample, made } = await counted();
    open(envelope, sample);
    const maker = ringMaker();
    await maker.make([rawSecret(1)]);
    keys.ring = await maker.make([rawSecret(2), rawSecret(1)]);
    expect(open(envelope, sample)).toEqual({ plaintext: TEXT, stale: true });
    expect(made()).toBe(2);
    keys.ring = await maker.make([rawSecret(2)]);
    expect(open(envelope, sample)).toBe('unknown-key');
  });

  it('keeps its keys if a call under an older ring ends late', async () => {
    const { driver, envelope, keys, made } = await counted();
    const maker = ringMaker();
    await maker.make([rawSecret(2)]);
    const newer = await maker.make([rawSecret(2)]);
    let end = (_text: Buffer): void => undefined;
    driver.seal = () => new Promise<Buffer>((resolve) => (end = resolve)) as never;
    const late = envelope.seal(TEXT, context(), NO_ROW);
    keys.ring = newer;
    const sample = sealed(envelopeOf(keys));
    open(envelope, sample);
    end(Buffer.alloc(24));
    await late;
    const derived = made();
    expect(open(envelope, sample)).toMatchObject({ plaintext: TEXT });
    expect(made()).toBe(derived);
  });

  it('never finds the key of another ring under the same hint', async () => {
    const { envelope, keys, sample } = await counted();
    open(envelope, sample);
    const other = await ringOf(2);
    const disguised = { ...other.first, hint: keys.ring.first.hint };
    keys.ring = new (other.constructor as typeof KeyRing)([disguised], 2);
    expect(open(envelope, sample)).toBe('commitment');
  });
});

describe('Envelope with its epochs', () => {
  const epochOf = (bytes: Buffer) => bytes.toString('hex', 5, 17);
  const nonceOf = (bytes: Buffer) => bytes.toString('hex', 17, 29);

  it('seals many messages in one epoch, each with a nonce of its own', async () => {
    const driver = new CountingDriver();
    const envelope = envelopeOf({ ring: await ringOf(1) }, { driver });
    const samples = Array.from({ length: 1000 }, () => sealed(envelope));
    expect(new Set(samples.map(epochOf)).size).toBe(1);
    expect(new Set(samples.map(nonceOf)).size).toBe(1000);
    expect(driver.expansions).toBe(1);
  });

  it('begins a new epoch after its time, and still opens what the old one sealed', async () => {
    let now = 1_767_225_600_000;
    const envelope = envelopeOf({ ring: await ringOf(1) }, { epochSeconds: 600, now: () => now });
    const first = sealed(envelope);
    now += 599_999;
    expect(epochOf(sealed(envelope))).toBe(epochOf(first));
    now += 1;
    expect(epochOf(sealed(envelope))).not.toBe(epochOf(first));
    expect(open(envelope, first)).toEqual({ plaintext: TEXT, stale: false });
  });

  it('begins a new epoch when the ring changes', async () => {
    const keys = { ring: await ringOf(1) };
    const envelope = envelopeOf(keys);
    const first = sealed(envelope);
    keys.ring = await ringOf(1);
    expect(epochOf(sealed(envelope))).not.toBe(epochOf(first));
  });

  it('shares no epoch with another envelope of the same ring', async () => {
    const keys = { ring: await ringOf(1) };
    expect(epochOf(sealed(envelopeOf(keys)))).not.toBe(epochOf(sealed(envelopeOf(keys))));
  });

  it('refuses to seal more than a frame and 1 MiB, and to open a longer value', async () => {
    const envelope = envelopeOf({ ring: await ringOf(1) });
    const longest = 1_048_576 + 48;
    expect(() => sealed(envelope, Buffer.alloc(longest + 1))).toThrow(RangeError);
    expect(open(envelope, Buffer.concat([sealed(envelope, Buffer.alloc(longest)), Buffer.of(0)]))).toBe(
      'length',
    );
  });

  it('refuses a driver that returns another length than it was asked for', async () => {
    const driver = new OpensslDriver();
    const envelope = envelopeOf({ ring: await ringOf(1) }, { driver });
    for (const length of [0, TEXT.length + 15, TEXT.length + 17]) {
      driver.seal = () => Buffer.alloc(length);
      expect(() => sealed(envelope)).toThrow(
        expect.objectContaining({ code: 'ERR_SESSION_DRIVER', reason: 'wrong length' }),
      );
    }
  });
});

describe('Envelope with an asynchronous driver', () => {
  it('keeps 1000 interleaved seals and opens apart', async () => {
    const driver = laterDriver();
    const envelope = envelopeOf({ ring: await ringOf(1, 2) }, { driver, cacheSize: 50 });
    const stories = Array.from({ length: 1000 }, async (_, i) => {
      const text = Buffer.from(`${i} `.repeat((i % 17) + 1 + (i % 100 ? 0 : 6000)));
      const items = { ...ITEMS, tenant: `tenant ${i % 10}` };
      const bytes = await envelope.seal(text, context(items), NO_ROW);
      const [right, wrong, forged] = await Promise.all([
        open(envelope, bytes, items),
        open(envelope, bytes, { ...items, tenant: `tenant ${(i + 1) % 10}` }),
        open(envelope, flipped(bytes, (i * 7919) % (bytes.length * 8)), items),
      ]);
      return (right as Opened).plaintext.equals(text) && wrong === 'tag' && typeof forged === 'string';
    });
    expect(await Promise.all(stories)).toEqual(Array<boolean>(1000).fill(true));
  });

  it('seals under one ring throughout, even if the ring changes meanwhile', async () => {
    const maker = ringMaker();
    const [one, two] = [await maker.make([rawSecret(1)]), await maker.make([rawSecret(2)])];
    const keys = { ring: one };
    const envelope = envelopeOf(keys, { driver: laterDriver() });
    const sealing = envelope.seal(TEXT, context(), NO_ROW);
    keys.ring = two;
    const bytes = await sealing;
    expect(await open(envelope, bytes)).toBe('unknown-key');
    keys.ring = one;
    const opening = open(envelope, bytes);
    keys.ring = two;
    expect(await opening).toEqual({ plaintext: TEXT, stale: false });
    expect(await open(envelope, bytes)).toBe('unknown-key');
  });
});

import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../../lib/crypto/key-ring-factory.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { SessionDriverError } from '../../../lib/errors/session-driver.error.js';
import { countingBytes, knownRing, rawSecret, ringMaker, ringOf } from './rings.js';

/** Counts the keys that are imported, so that a second derivation shows. */
class CountingDriver extends OpensslDriver {
  imports = 0;

  override importKey(bytes: Uint8Array) {
    this.imports++;
    return super.importKey(bytes);
  }
}

/** Has lost its keys. */
class FailingDriver extends OpensslDriver {
  override expand(): never {
    throw new SessionDriverError('expand', 'is away');
  }
}

/** Derives subkeys itself, and records them. */
class DerivingDriver extends OpensslDriver {
  readonly derived: string[] = [];

  derive(key: ReturnType<OpensslDriver['importKey']>, info: Uint8Array, length: number) {
    this.derived.push(`${Buffer.from(info).toString()} ${length}`);
    return this.importKey(this.expand(key, info, length));
  }
}

/** Keeps the key of the known answers, as a token does. */
class KeepingDriver extends OpensslDriver {
  readonly asked: string[][] = [];

  openKey(...names: [reference: string, path: string]) {
    this.asked.push(names);
    return this.importKey(countingBytes());
  }
}

describe('KeyRingFactory', () => {
  it('derives the hint of the known answer (security.md 4.10)', async () => {
    expect((await knownRing()).first.hint.toString(16)).toBe('31b74615');
  });

  it('derives other keys from the same secret under another ring name', async () => {
    const other = new KeyRingFactory(new OpensslDriver(), { ring: 'other', salt: '' });
    const ring = await other.make([{ kind: 'raw', bytes: countingBytes() }]);
    expect(ring.first.hint).not.toBe((await knownRing()).first.hint);
  });

  it('leaves a revoked key out', async () => {
    const ring = await ringMaker().make([rawSecret(1), rawSecret(2, 'revoked'), rawSecret(3)]);
    expect(ring.keys.map(({ index }) => index)).toEqual([0, 1]);
    expect(ring.find((await ringOf(2)).first.hint)).toBeUndefined();
  });

  it('puts a retiring key behind those that may seal, wherever its secret stands', async () => {
    const hints = (await ringOf(2, 4, 1, 3)).keys.map(({ hint }) => hint);
    const ring = await ringMaker().make([
      rawSecret(1, 'retiring'),
      rawSecret(2),
      rawSecret(3, 'retiring'),
      rawSecret(4),
    ]);
    expect(ring.keys.map(({ hint, index }) => [hint, index])).toEqual(hints.map((hint, i) => [hint, i]));
    expect(ring.keys.map((key) => ring.isStale(key))).toEqual([false, true, true, true]);
  });

  it('refuses a ring of retiring keys, none of which may seal', async () => {
    const secrets = [rawSecret(1, 'retiring'), rawSecret(2, 'revoked')];
    await expect(ringMaker().make(secrets)).rejects.toThrow(
      /crypto\.secrets: every secret that the sources gave is retiring/,
    );
  });

  it.each([{ secrets: [] }, { secrets: [rawSecret(1, 'revoked')] }])(
    'refuses a ring without a key',
    async ({ secrets }) => {
      await expect(ringMaker().make(secrets)).rejects.toThrow(/crypto\.secrets: the sources gave no key/);
    },
  );

  it('refuses the same secret twice and names both places', async () => {
    const making = ringMaker().make([rawSecret(1), rawSecret(2), rawSecret(1)]);
    await expect(making).rejects.toThrow(SessionConfigError);
    await expect(making).rejects.toMatchObject({
      faults: [{ path: 'crypto.secrets[2]', message: expect.stringContaining('crypto.secrets[0]') }],
    });
  });

  it('wipes the bytes of every secret, revoked ones too', async () => {
    const secrets = [
      rawSecret(1),
      rawSecret(2, 'revoked'),
      { kind: 'passphrase' as const, bytes: Buffer.from('a passphrase of some length') },
    ];
    await ringMaker().make(secrets);
    for (const { bytes } of secrets) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    { what: 'it refuses equal secrets', driver: new OpensslDriver() },
    { what: 'the driver fails', driver: new FailingDriver() },
  ])('wipes the bytes of every secret, also if $what', async ({ driver }) => {
    const secrets = [rawSecret(1), rawSecret(2), rawSecret(1)];
    await expect(ringMaker(driver).make(secrets)).rejects.toThrow(/same secret twice|driver is unavailable/);
    for (const { bytes } of secrets) expect(bytes).toEqual(Buffer.alloc(32));
  });

  it('derives a known secret once, and counts the rings', async () => {
    const driver = new CountingDriver();
    const maker = ringMaker(driver);
    const secrets = () => [
      { kind: 'passphrase' as const, bytes: Buffer.from('a passphrase of some length') },
      rawSecret(1),
    ];
    const first = await maker.make(secrets());
    const derived = driver.imports;
    const second = await maker.make(secrets().toReversed());
    expect(driver.imports).toBe(derived);
    expect(second.keys.map(({ hint }) => hint)).toEqual(first.keys.map(({ hint }) => hint).toReversed());
    expect([first.generation, second.generation]).toEqual([1, 2]);
  });

  it('returns the same ring for the same secrets, and another one for another order, state or key', async () => {
    const maker = ringMaker();
    const rings = [await maker.make([rawSecret(1), rawSecret(2)])];
    expect(await maker.make([rawSecret(1), rawSecret(2)])).toBe(rings[0]);
    for (const secrets of [
      [rawSecret(2), rawSecret(1)],
      [rawSecret(2, 'retiring'), rawSecret(1)],
      [rawSecret(2)],
      [rawSecret(2), rawSecret(1)],
    ])
      rings.push(await maker.make(secrets));
    expect(rings.map(({ generation }) => generation)).toEqual([1, 2, 3, 4, 5]);
    await expect(maker.make([])).rejects.toThrow(SessionConfigError);
    expect(await maker.make([rawSecret(2), rawSecret(1)])).toBe(rings[4]);
  });

  it('forgets the subkeys of secrets that left the ring', async () => {
    const driver = new CountingDriver();
    const maker = ringMaker(driver);
    await maker.make([rawSecret(1), rawSecret(2)]);
    await maker.make([rawSecret(1)]);
    const derived = driver.imports;
    await maker.make([rawSecret(1), rawSecret(2)]);
    expect(driver.imports).toBeGreaterThan(derived);
  });

  it('tells a passphrase from raw bytes with the same value', async () => {
    const bytes = () => Buffer.from('thirty-two bytes that are a text');
    const ring = await ringMaker().make([
      { kind: 'raw', bytes: bytes() },
      { kind: 'passphrase', bytes: bytes() },
    ]);
    expect(ring.keys).toHaveLength(2);
  });

  it('wipes a subkey that the driver refuses', async () => {
    const expanded: Buffer[] = [];
    class Refusing extends CountingDriver {
      override expand(...args: Parameters<OpensslDriver['expand']>) {
        expanded.push(super.expand(...args));
        return expanded.at(-1)!;
      }
      override importKey(bytes: Uint8Array) {
        if (expanded.length) throw new Error('no room for keys');
        return super.importKey(bytes);
      }
    }
    await expect(ringMaker(new Refusing()).make([rawSecret(1)])).rejects.toThrow('no room for keys');
    expect(expanded).toHaveLength(1);
    expect(expanded[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it('leaves subkeys to a driver that can derive them again', async () => {
    const driver = new DerivingDriver();
    const ring = await ringMaker(driver).make([{ kind: 'raw', bytes: countingBytes() }]);
    expect(driver.derived).toEqual([
      'session-crypto/v1/seal\0default 32',
      'session-crypto/v1/seal-aes128\0default 16',
    ]);
    expect(ring.first.hint).toBe((await knownRing()).first.hint);
  });

  it('asks the driver for a key in its token by reference, and names the option if there is none', async () => {
    const path = 'crypto.secrets[0].key';
    const secret = () => ({ kind: 'token' as const, bytes: Buffer.from('label=a'), path });
    const driver = new KeepingDriver();
    expect((await ringMaker(driver).make([secret()])).first.hint).toBe((await knownRing()).first.hint);
    expect(driver.asked).toEqual([['label=a', path]]);
    await expect(ringMaker().make([secret()])).rejects.toThrow(
      /crypto\.secrets\[0\]\.key: names a key inside a token/,
    );
  });
});

import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { KeyRingProvider } from '../../../lib/crypto/key-ring-provider.js';
import { keySource } from '../../../lib/crypto/key-sources/key-source.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../../lib/crypto/key-ring-factory.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import type { KeyRing } from '../../../lib/crypto/key-ring.js';
import type { KeySource } from '../../../lib/crypto/key-source.interface.js';
import { WebcryptoDriver } from '../../../lib/crypto/drivers/webcrypto/webcrypto.driver.js';
import { NO_ROW } from '../../../lib/envelope/envelope-context.js';
import type { Opened } from '../../../lib/envelope/envelope.js';
import { deriveEpochKey } from '../../../lib/envelope/epoch-key.js';
import { slowDriver } from '../../support/slow-driver.js';
import { context, envelopeOf, flipped, suiteOf } from './samples.js';

const CALLS = 1000;
const aes256 = suiteOf('aes256');
const openssl = new OpensslDriver();
const SECRETS = [randomBytes(32), randomBytes(32)];

const ringOf = (driver: CryptoDriver, secrets = SECRETS) =>
  new KeyRingFactory(driver, { ring: 'default', salt: '' }).make(
    secrets.map((bytes) => ({ kind: 'raw', bytes: Buffer.from(bytes) })),
  );

describe.each([
  ['a deliberately slow driver', slowDriver(openssl)],
  ['WebCrypto', new WebcryptoDriver()],
  ['WebCrypto made slow', slowDriver(new WebcryptoDriver())],
])('An envelope over %s', (_, driver) => {
  let ring: KeyRing;
  beforeAll(async () => {
    ring = await ringOf(driver);
  });

  /** Texts of all sizes: empty, small and large. */
  const texts = Array.from({ length: CALLS }, (_, i) =>
    i % 50 ? Buffer.from(`text ${i}`.repeat(i % 7)) : randomBytes(40_000),
  );

  it.each([0, 100, 5000])(`mixes up none of ${CALLS} calls with %i cached keys`, async (cacheSize) => {
    const envelope = envelopeOf({ ring }, { driver, cacheSize });
    const roundTrip = async (text: Buffer, i: number) => {
      const row = Buffer.from(`row ${i}`);
      const sealed = await envelope.seal(Buffer.from(text), context(), row);
      const forged = flipped(sealed, 8 * (sealed.length - 1));
      const [opened, again, refused, elsewhere] = await Promise.all([
        envelope.open(sealed, context(), row),
        envelope.open(sealed, context(), row),
        envelope.open(forged, context(), row),
        envelope.open(sealed, context(), NO_ROW),
      ]);
      return { opened, again, refused, elsewhere };
    };
    const results = await Promise.all(texts.map(roundTrip));
    for (const [i, { opened, again, refused, elsewhere }] of results.entries()) {
      expect((opened as Opened).plaintext.equals(texts[i]!), `call ${i}`).toBe(true);
      expect((again as Opened).plaintext.equals(texts[i]!), `call ${i}, again`).toBe(true);
      expect([refused, elsewhere]).toEqual(['tag', 'tag']);
    }
  });

  it('opens what the synchronous driver sealed, and the other way round', async () => {
    const synchronous = envelopeOf({ ring: await ringOf(openssl) });
    const envelope = envelopeOf({ ring }, { driver });
    const sealed = await synchronous.seal(texts[1]!, context(), NO_ROW);
    expect(await envelope.open(sealed, context(), NO_ROW)).toEqual({ plaintext: texts[1], stale: false });
    const back = await envelope.seal(texts[1]!, context(), NO_ROW);
    expect(synchronous.open(back, context(), NO_ROW)).toEqual({ plaintext: texts[1], stale: false });
  });

  it('seals under the ring that it began with, even if a reload replaces it meanwhile', async () => {
    const keys = { ring };
    const envelope = envelopeOf(keys, { driver });
    const sealing = envelope.seal(Buffer.from('text'), context(), NO_ROW);
    keys.ring = await ringOf(driver, [SECRETS[1]!]);
    const sealed = await sealing;
    expect(await envelope.open(sealed, context(), NO_ROW)).toBe('unknown-key');
    keys.ring = ring;
    expect(await envelope.open(sealed, context(), NO_ROW)).toMatchObject({ stale: false });
  });

  it('uses whole rings while they are reloaded', async () => {
    const sources = SECRETS.map((bytes, i) => keySource(`crypto.secrets[${i}]`, bytes) as KeySource);
    const quiet = { reloaded: () => undefined, failed: () => undefined };
    const maker = new KeyRingFactory(driver, { ring: 'default', salt: '' });
    const keeper = await new KeyRingProvider(sources, maker, { interval: 0, watch: false }, quiet).start();
    const envelope = envelopeOf(keeper, { driver });
    const opened = await Promise.all(
      texts.slice(0, 100).map(async (text, i) => {
        const sealed = await envelope.seal(text, context(), NO_ROW);
        if (i % 10 === 0) await keeper.reload();
        return envelope.open(sealed, context(), NO_ROW);
      }),
    );
    for (const [i, one] of opened.entries()) expect(one).toEqual({ plaintext: texts[i], stale: false });
  });
});

/** Records the results of `expand` and the inputs of `importKey`. */
class Watched extends OpensslDriver {
  readonly expanded: Buffer[] = [];

  constructor(private readonly refuse = false) {
    super();
  }

  override expand(...args: Parameters<OpensslDriver['expand']>): Buffer {
    const bytes = super.expand(...args);
    this.expanded.push(bytes);
    return bytes;
  }

  override importKey(bytes: Uint8Array) {
    if (this.refuse) throw new Error('no room for keys');
    return super.importKey(bytes);
  }
}

const key = openssl.importKey(Buffer.alloc(32, 7));
const derive = (driver: CryptoDriver) => deriveEpochKey(driver, aes256, key, Buffer.alloc(17));

describe('The block that an epoch key is cut from', () => {
  it('is wiped once the key has been imported, and not before', async () => {
    const driver = new Watched();
    const message = await derive(slowDriver(driver));
    const plain = await derive(openssl);
    const nonce = Buffer.alloc(12);
    const sealed = openssl.seal(aes256, message.key as typeof key, nonce, Buffer.from('text'));
    expect(openssl.open(aes256, plain.key as typeof key, nonce, sealed)?.toString()).toBe('text');
    expect(driver.expanded).toHaveLength(1);
    expect(driver.expanded[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['at once', (driver: CryptoDriver) => driver],
    ['later', slowDriver],
  ])('is wiped when the driver refuses the key %s', async (_, speed) => {
    const driver = new Watched(true);
    await expect((async () => derive(speed(driver)))()).rejects.toThrow('no room for keys');
    expect(driver.expanded[0]!.every((byte) => byte === 0)).toBe(true);
  });
});

import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import type { KeyRing } from '../../../lib/crypto/key-ring.js';
import { EPOCH_MESSAGES, epochSeconds, SealingEpoch } from '../../../lib/envelope/sealing-epoch.js';
import { slowDriver } from '../../support/slow-driver.js';
import { ringOf } from '../crypto/rings.js';
import { suiteOf } from './samples.js';

const openssl = new OpensslDriver();
const aes256 = suiteOf('aes256');

function epochOf(driver: CryptoDriver = openssl, now: () => number = () => 0) {
  const made: string[] = [];
  const epoch = new SealingEpoch(driver, aes256, 600, now, ({ prefix }) => made.push(prefix.toString('hex')));
  return { epoch, made };
}

describe('epochSeconds', () => {
  it.each([
    { longest: 0, seconds: 600 },
    { longest: 28_800, seconds: 600 },
    { longest: 30_000, seconds: 600 },
    { longest: 30_050, seconds: 601 },
    { longest: 2_592_000, seconds: 51_840 },
  ])('is $seconds for a longest timeout of $longest s', ({ longest, seconds }) => {
    expect(epochSeconds(longest)).toBe(seconds);
  });
});

describe('SealingEpoch', () => {
  let ring: KeyRing;
  beforeAll(async () => {
    ring = await ringOf(1, 2);
  });

  it('begins with the suite, the hint of the first key and 12 random bytes', () => {
    const { prefix } = epochOf().epoch.next(ring);
    expect(prefix).toHaveLength(17);
    expect(prefix[0]).toBe(0x11);
    expect(prefix.readUInt32BE(1)).toBe(ring.first.hint);
  });

  it('ends after 2^24 messages', () => {
    const { epoch, made } = epochOf();
    for (let i = 0; i < EPOCH_MESSAGES; i++) epoch.next(ring);
    expect(made).toHaveLength(1);
    epoch.next(ring);
    expect(made).toHaveLength(2);
    expect(EPOCH_MESSAGES).toBe(16_777_216);
  });

  it('ends when its time is over, and when the clock was set back', () => {
    let now = 1_000_000;
    const { epoch, made } = epochOf(openssl, () => now);
    for (const at of [1_000_000, 1_599_999, 1_600_000, 1_599_999]) {
      now = at;
      epoch.next(ring);
    }
    expect(made).toHaveLength(3);
  });

  it('ends when a token has lost its key', () => {
    const lost = new Set<object>();
    const driver = Object.assign(new OpensslDriver(), { isLost: (key: object) => lost.has(key) });
    const { epoch, made } = epochOf(driver);
    const { key } = epoch.next(ring);
    epoch.next(ring);
    expect(made).toHaveLength(1);
    lost.add((key as { key: object }).key);
    epoch.next(ring);
    expect(made).toHaveLength(2);
  });

  it('asks an asynchronous driver once, however many messages wait', async () => {
    let asked = 0;
    const driver: CryptoDriver = {
      ...slowDriver(openssl),
      expand: (...args) => (asked++, slowDriver(openssl).expand(...args)),
    };
    const { epoch, made } = epochOf(driver);
    const keys = await Promise.all(Array.from({ length: 100 }, () => epoch.next(ring).key));
    expect(new Set(keys).size).toBe(1);
    expect(epoch.next(ring).key).toBe(keys[0]);
    expect([asked, made.length]).toEqual([1, 1]);
  });

  it('begins anew after the driver could not derive its key', async () => {
    let isAway = true;
    const away = () => {
      throw new Error('away');
    };
    const expand: CryptoDriver['expand'] = (key, info, length) =>
      isAway ? away() : openssl.expand(key as never, info, length);
    const synchronous = epochOf({ ...driverOf(), expand }).epoch;
    const asynchronous = epochOf({ ...driverOf(), expand: async (...args) => expand(...args) }).epoch;
    expect(() => synchronous.next(ring)).toThrow('away');
    await expect(asynchronous.next(ring).key).rejects.toThrow('away');
    isAway = false;
    expect(synchronous.next(ring).key).toHaveProperty('commitment');
    expect(await asynchronous.next(ring).key).toHaveProperty('commitment');
  });

  it('ends without a rejection that nobody handles if its key cannot be kept', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const refuse = () => {
      throw new Error('no ring');
    };
    const epoch = new SealingEpoch(slowDriver(openssl), aes256, 600, () => 0, refuse);
    const { key, prefix } = epoch.next(ring);
    expect(await key).toHaveProperty('commitment');
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).not.toHaveBeenCalled();
    expect(epoch.next(ring).prefix).not.toEqual(prefix);
  });
});

const driverOf = (): CryptoDriver => ({
  name: 'plain',
  ciphers: openssl.ciphers,
  importKey: (bytes) => openssl.importKey(bytes),
  expand: (key, info, length) => openssl.expand(key as never, info, length),
  seal: (suite, key, ...rest) => openssl.seal(suite, key as never, ...rest),
  open: (suite, key, ...rest) => openssl.open(suite, key as never, ...rest),
});

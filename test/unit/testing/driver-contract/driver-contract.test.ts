import { createSecretKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OpensslDriver, type CryptoDriver, type Suite } from 'nestjs-session-crypto';
import { driverContract } from 'nestjs-session-crypto/testing';
import { DRIVER_VECTORS } from '../../../../lib/testing/driver-contract/vectors.js';
import { bytesOf, wycheproof } from '../../../vectors/wycheproof.js';

type Rest = [nonce: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array];
type Seal = [suite: Suite, key: KeyObject, ...rest: Rest];

/** A driver that keeps a key's bytes as they were given, and shows them. */
class Borrowing implements CryptoDriver {
  readonly name = 'borrowing';
  readonly ciphers = ['aes256'];
  private readonly openssl = new OpensslDriver();

  importKey = (bytes: Uint8Array) => ({ bytes });
  expand = (key: object, info: Uint8Array, length: number) =>
    this.openssl.expand(this.keyOf(key), info, length);
  seal = (suite: Suite, key: object, ...rest: Rest) => this.openssl.seal(suite, this.keyOf(key), ...rest);
  open = (suite: Suite, key: object, ...rest: Rest) => this.openssl.open(suite, this.keyOf(key), ...rest);

  private keyOf = (key: object) => createSecretKey((key as { bytes: Uint8Array }).bytes);
}

/** Leaves the additional data out, as a driver of version 1 did. */
class Unbound extends OpensslDriver {
  override seal(...[suite, key, nonce, text]: Seal) {
    return super.seal(suite, key, nonce, text);
  }

  override open(...[suite, key, nonce, sealed]: Seal) {
    return super.open(suite, key, nonce, sealed);
  }
}

class Unchecked extends OpensslDriver {
  override open(...args: Seal) {
    return super.open(...args) ?? Buffer.from(args[3].subarray(16));
  }
}

class Scribbling extends OpensslDriver {
  override seal(...args: Seal) {
    const sealed = super.seal(...args);
    args[3].fill(0);
    return sealed;
  }
}

/** Answers in one buffer, as a driver with shared scratch would. */
class Sharing extends OpensslDriver {
  private readonly scratch = Buffer.alloc(2 ** 21);

  override open(...args: Seal) {
    const text = super.open(...args);
    if (!text) return text;
    text.copy(this.scratch);
    return this.scratch.subarray(0, text.length);
  }
}

/** Looks at a field that the next call has overwritten by then. */
class Racing implements CryptoDriver {
  readonly name = 'racing';
  readonly ciphers = ['aes256'];
  private readonly openssl = new OpensslDriver();
  private text: Uint8Array = Buffer.alloc(0);

  importKey = (bytes: Uint8Array) => this.openssl.importKey(bytes);
  expand = (key: object, info: Uint8Array, length: number) =>
    this.openssl.expand(key as KeyObject, info, length);
  open = (suite: Suite, key: object, ...rest: Rest) => this.openssl.open(suite, key as KeyObject, ...rest);
  async seal(suite: Suite, key: object, nonce: Uint8Array, text: Uint8Array, data: Uint8Array) {
    this.text = text;
    await Promise.resolve();
    return this.openssl.seal(suite, key as KeyObject, nonce, this.text, data);
  }
}

/** Imports the key that another call brought meanwhile. */
class Hasty implements CryptoDriver {
  readonly name = 'hasty';
  readonly ciphers = ['aes256'];
  readonly #openssl = new OpensslDriver();
  #bytes: Uint8Array = Buffer.alloc(0);

  async importKey(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
    await Promise.resolve();
    return this.#openssl.importKey(this.#bytes);
  }
  expand = (key: object, info: Uint8Array, length: number) =>
    this.#openssl.expand(key as KeyObject, info, length);
  seal = (suite: Suite, key: object, ...rest: Rest) => this.#openssl.seal(suite, key as KeyObject, ...rest);
  open = (suite: Suite, key: object, ...rest: Rest) => this.#openssl.open(suite, key as KeyObject, ...rest);
}

/** Decrypts by CBC into one buffer. */
class SharingCbc extends OpensslDriver {
  private readonly scratch = Buffer.alloc(2 ** 21);
  private readonly openssl = new OpensslDriver();

  override readonly cbc: OpensslDriver['cbc'] = Object.assign(Object.create(this.openssl.cbc), {
    decrypt: (...args: Parameters<OpensslDriver['cbc']['decrypt']>) => {
      const padded = this.openssl.cbc.decrypt(...args);
      padded.copy(this.scratch);
      return this.scratch.subarray(0, padded.length);
    },
  });
}

class Talkative extends OpensslDriver {
  override importKey(bytes: Uint8Array) {
    if (bytes.length < 16) throw new Error(`no key: ${Buffer.from(bytes).toString('base64')}`);
    return super.importKey(bytes);
  }
}

class Endless extends OpensslDriver {
  override expand(...[key, info, length]: Parameters<OpensslDriver['expand']>) {
    return super.expand(key, info, Math.min(length, 255 * 64));
  }
}

async function failing(driver: CryptoDriver): Promise<string[]> {
  const failed: string[] = [];
  for (const { title, run } of driverContract) await run(driver).catch(() => failed.push(title));
  return failed;
}

describe('The contract of drivers', () => {
  it('says what it expected where too much is asked of expand', async () => {
    const { run } = driverContract.find(
      ({ title }) => title === 'refuses to expand to more than 255 × 64 bytes',
    )!;
    await expect(run(new Endless())).rejects.toThrow('expand to 16321 bytes must throw or reject');
  });

  it('applies to what a driver claims', () => {
    const titlesFor = (more: object) =>
      driverContract
        .filter(({ applies }) => applies(Object.assign(new OpensslDriver(), more)))
        .map(({ title }) => title);
    const all = driverContract.map(({ title }) => title);
    expect(titlesFor({})).toEqual(all);
    for (const cbc of [undefined, { ciphers: [] }])
      expect(titlesFor({ cbc })).toEqual(all.filter((title) => !title.includes('CBC')));
    expect(titlesFor({ ciphers: [] })).not.toContain('seals and opens known answers');
    expect(titlesFor({ ciphers: [] })).toContain('refuses to expand to more than 255 × 64 bytes');
  });

  it('is kept by the default driver', async () => {
    expect(await failing(new OpensslDriver())).toEqual([]);
  });

  it.each([
    {
      driver: new Borrowing(),
      titles: [
        'keeps a key when the imported bytes are wiped',
        'hides keys in the output of driver and handles',
      ],
    },
    {
      driver: new Unchecked(),
      titles: [
        'passes the self-test that runs at every start',
        'opens nothing with a flipped bit in text or tag',
        'opens nothing under another key or nonce',
        'opens nothing that was shortened or extended',
      ],
    },
    {
      driver: new Unbound(),
      titles: [
        'passes the self-test that runs at every start',
        'binds a value to every bit and byte of the additional data',
      ],
    },
    { driver: new Scribbling(), titles: ['does not change its inputs'] },
    {
      driver: new Sharing(),
      titles: ['keeps 1000 concurrent calls apart', 'returns buffers of its own'],
    },
    { driver: new Racing(), titles: ['keeps 1000 concurrent calls apart'] },
    { driver: new Hasty(), titles: ['keeps 1000 concurrent calls apart'] },
    { driver: new SharingCbc(), titles: ['keeps 1000 concurrent calls of CBC apart'] },
    { driver: new Talkative(), titles: ['shows neither key nor text in an error'] },
    { driver: new Endless(), titles: ['refuses to expand to more than 255 × 64 bytes'] },
    {
      driver: Object.assign(new OpensslDriver(), { ciphers: ['rot13'] }),
      titles: ['passes the self-test that runs at every start'],
    },
  ])('is broken by $driver.constructor.name', async ({ driver, titles }) => {
    expect(await failing(driver)).toEqual(expect.arrayContaining(titles));
  });

  it.each([
    { cipher: 'aes256', file: 'aes_gcm' },
    { cipher: 'aes128', file: 'aes_gcm' },
    { cipher: 'chacha20', file: 'chacha20_poly1305' },
  ])('takes its known answers for $cipher from Wycheproof', ({ cipher, file }) => {
    const theirs = wycheproof(file).flatMap((group) => group.tests);
    for (const { tcId, ...ours } of DRIVER_VECTORS[cipher]!) {
      const vector = theirs.find((one) => one.tcId === tcId)!;
      const sealed = Buffer.concat([bytesOf(vector, 'ct'), bytesOf(vector, 'tag')]).toString('hex');
      const found = { key: vector.key, nonce: vector.iv, data: vector.aad, text: vector.msg, sealed };
      expect([vector.result, found]).toEqual(['valid', ours]);
    }
    expect(DRIVER_VECTORS[cipher]).toHaveLength(6);
    expect(DRIVER_VECTORS[cipher]!.filter(({ data }) => data)).toHaveLength(2);
  });
});

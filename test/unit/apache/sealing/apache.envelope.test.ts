import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { findCipher, type ApacheCipher } from '../../../../lib/apache/sealing/ciphers.js';
import { PassphraseKey } from '../../../../lib/apache/sealing/passphrase-key.js';
import { PassphraseRingMaker } from '../../../../lib/apache/sealing/passphrase-ring.js';
import {
  ApacheEnvelope,
  MAX_SEALED_LENGTH,
  sealedLength,
} from '../../../../lib/apache/sealing/apache.envelope.js';
import { DriverCipher } from '../../../../lib/apache/sealing/driver-cipher.js';
import { randomSalt, sealBlob } from '../../../../lib/apache/sealing/sealed-blob.js';
import { OpensslDriver } from '../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { SessionStateError, SessionTooLargeError } from '../../../../lib/errors/session-state.error.js';

const CIPHERS = ['3des192', 'aes128', 'aes192', 'aes256'] as const;
const TEXT = 'user=alice&role=admin';
const cipher = (name: string) => findCipher(name) as ApacheCipher;
const keyOf = (passphrase: string) => new PassphraseKey(0, Buffer.from(passphrase));
const flipped = (text: string, at: number) => {
  const bytes = Buffer.from(text, 'base64');
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes.toString('base64');
};

/** As httpd would seal it: under a salt of its own. */
async function foreign(text: string | Buffer, passphrase = 'secret', name = 'aes256'): Promise<string> {
  const [row, from, salt] = [cipher(name), keyOf(passphrase), randomSalt()];
  const openssl = new DriverCipher(new OpensslDriver(), row);
  const key = await openssl.derive(from, salt);
  const iv = Buffer.alloc(row.block, 3);
  return (await sealBlob(openssl, from.mac, key, salt, iv, Buffer.from(text))).toString('base64');
}

/** Of the keys that it gives none unpads by luck what the tests below send; one in 256 would. */
const SALT = Buffer.alloc(16, 1);

/** A value with the right MAC over any body. */
function authentic(body: Buffer): string {
  const message = Buffer.concat([SALT, body]);
  return Buffer.concat([keyOf('secret').mac.tag(message), message]).toString('base64');
}

let derive: MockInstance<PassphraseKey['derive']>;
beforeEach(() => {
  derive = vi.spyOn(PassphraseKey.prototype, 'derive');
});
afterEach(() => derive.mockRestore());
const derivations = () => derive.mock.calls.length;

describe.each(CIPHERS)('ApacheEnvelope with %s', (name) => {
  const envelope = new ApacheEnvelope({ cipher: name, secrets: ['secret'] });

  it('opens what it seals, at every length around a block', async () => {
    for (let length = 1; length <= 40; length++) {
      const sealed = await envelope.seal('t'.repeat(length));
      expect(sealed).toHaveLength(sealedLength(length, cipher(name)));
      expect((await envelope.open(sealed))!.plaintext.toString()).toBe('t'.repeat(length));
    }
  });

  it('opens what another has sealed', async () => {
    const opened = await envelope.open(await foreign(TEXT, 'secret', name));
    expect(opened).toEqual({ plaintext: Buffer.from(TEXT), index: 0, stale: false });
  });

  it('opens nothing with a byte changed, and derives no key for it', async () => {
    const sealed = await foreign(TEXT, 'secret', name);
    derive.mockClear();
    for (let at = 0; at < Buffer.from(sealed, 'base64').length; at++)
      expect(envelope.open(flipped(sealed, at))).toBeUndefined();
    expect(derivations()).toBe(0);
  });
});

describe('ApacheEnvelope.open', () => {
  const envelope = new ApacheEnvelope({ secrets: ['secret'] });

  it('answers at once, and derives nothing, when it has opened the salt before', async () => {
    const sealed = await foreign(TEXT);
    derive.mockClear();
    expect(await envelope.open(sealed)).toBeDefined();
    expect(envelope.open(sealed)).toEqual({ plaintext: Buffer.from(TEXT), index: 0, stale: false });
    expect(derivations()).toBe(1);
  });

  it('derives once for all who ask at the same time', async () => {
    const sealed = await foreign(TEXT);
    derive.mockClear();
    const opened = await Promise.all([1, 2, 3, 4, 5].map(() => envelope.open(sealed)));
    expect(opened.map((one) => one?.plaintext.toString())).toEqual(Array(5).fill(TEXT));
    expect(derivations()).toBe(1);
  });

  it('ends the text at a zero byte', async () => {
    expect((await envelope.open(await foreign('a=1\0b=2')))!.plaintext.toString()).toBe('a=1');
  });

  it('opens a sealed empty text as an empty one', async () => {
    expect((await envelope.open(await foreign('')))!.plaintext).toHaveLength(0);
  });

  it.each([
    { what: 'an empty text', sealed: '' },
    { what: 'a session in clear', sealed: TEXT },
    { what: 'one byte less than MAC and salt', sealed: Buffer.alloc(23, 1).toString('base64') },
    { what: 'zeros', sealed: 'A'.repeat(400) },
    { what: 'more than there may be', sealed: 'A'.repeat(MAX_SEALED_LENGTH + 1) },
    { what: 'no text', sealed: undefined as unknown as string },
  ])('refuses $what at once', ({ sealed }) => {
    expect(envelope.open(sealed)).toBeUndefined();
    expect(derivations()).toBe(0);
  });

  it('takes a value that is as long as one may be, and none that is longer', async () => {
    const longest = 't'.repeat(1_179_599);
    const sealed = await envelope.seal(longest);
    expect(sealed.length).toBeLessThanOrEqual(MAX_SEALED_LENGTH);
    expect((await envelope.open(sealed))!.plaintext).toHaveLength(longest.length);
    expect(envelope.open(sealed.padEnd(MAX_SEALED_LENGTH + 1, '='))).toBeUndefined();
    expect(await envelope.open(sealed.padEnd(MAX_SEALED_LENGTH, '='))).toBeDefined();
  });

  it.each([
    { what: 'MAC and salt alone', body: Buffer.alloc(0) },
    { what: 'half an IV', body: Buffer.alloc(8) },
    { what: 'no block after the IV', body: Buffer.alloc(16) },
    { what: 'half a block', body: Buffer.alloc(24) },
    { what: 'a block and a half', body: Buffer.alloc(40) },
  ])('refuses $what at once, although the MAC is right', ({ body }) => {
    expect(envelope.open(authentic(body))).toBeUndefined();
    expect(derivations()).toBe(0);
  });

  it('refuses wrong padding under a right MAC, and keeps no key of it', async () => {
    const forged = authentic(Buffer.alloc(48, 5));
    expect(await envelope.open(forged)).toBeUndefined();
    expect(envelope.open(forged)).toBeInstanceOf(Promise);
    expect(derivations()).toBe(2);
  });

  it('refuses what was sealed with another cipher', async () => {
    const other = new ApacheEnvelope({ cipher: 'aes128', secrets: ['secret'] });
    const results = await Promise.all(Array.from({ length: 4 }, async () => other.open(await foreign(TEXT))));
    expect(results.filter((one) => one?.plaintext.toString() === TEXT)).toEqual([]);
  });

  it('tries the passphrases in their order and says which one opened', async () => {
    const many = new ApacheEnvelope({ secrets: ['new', 'older', Buffer.from('oldest')] });
    for (const [index, passphrase] of ['new', 'older', 'oldest'].entries())
      expect(await many.open(await foreign(TEXT, passphrase))).toMatchObject({ index, stale: index > 0 });
    expect(await many.open(await foreign(TEXT, 'gone'))).toBeUndefined();
  });

  it('goes on to the next passphrase when the first one’s MAC is right and its padding wrong', async () => {
    const twice = new ApacheEnvelope({ secrets: ['secret', 'secret'] });
    expect(await twice.open(authentic(Buffer.alloc(48, 5)))).toBeUndefined();
    expect(derivations()).toBe(2);
  });

  it('rejects when no key can be derived, and tries anew', async () => {
    const sealed = await foreign(TEXT);
    derive.mockRejectedValueOnce(new Error('no memory'));
    await expect(envelope.open(sealed)).rejects.toThrow('no memory');
    expect(await envelope.open(sealed)).toBeDefined();
  });

  it('keeps as many keys as keyCache says, the last used', async () => {
    const small = new ApacheEnvelope({ secrets: ['secret'], keyCache: 2 });
    const [a, b, c] = [await foreign('a=1'), await foreign('b=1'), await foreign('c=1')];
    for (const sealed of [a, b, a, c]) await small.open(sealed);
    expect(small.open(a)).not.toBeInstanceOf(Promise);
    expect(small.open(c)).not.toBeInstanceOf(Promise);
    expect(small.open(b)).toBeInstanceOf(Promise);
  });

  it('keeps none with keyCache 0', async () => {
    const none = new ApacheEnvelope({ secrets: ['secret'], keyCache: 0 });
    const sealed = await foreign(TEXT);
    derive.mockClear();
    for (let i = 0; i < 3; i++) expect(await none.open(sealed)).toBeDefined();
    expect(derivations()).toBe(3);
  });
});

describe('ApacheEnvelope.seal', () => {
  const saltOf = (sealed: string) => sealed.slice(12, 32);
  const ivOf = (sealed: string) => Buffer.from(sealed, 'base64').toString('hex', 24, 40);

  it('keeps one salt and draws an IV for each text', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'] });
    const first = await envelope.seal(TEXT);
    const more = [envelope.seal(TEXT), envelope.seal(TEXT)] as string[];
    expect(more.map((sealed) => typeof sealed)).toEqual(['string', 'string']);
    expect(new Set([first, ...more].map(saltOf)).size).toBe(1);
    expect(new Set([first, ...more].map(ivOf)).size).toBe(3);
    expect(derivations()).toBe(1);
  });

  it('derives once for texts that come before the key is there', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'] });
    const sealed = await Promise.all([1, 2, 3].map(() => envelope.seal(TEXT)));
    expect(new Set(sealed.map(saltOf)).size).toBe(1);
    expect(derivations()).toBe(1);
  });

  it('has a salt that no other envelope has', async () => {
    const sealed = await Promise.all(
      [1, 2].map(() => new ApacheEnvelope({ secrets: ['secret'] }).seal(TEXT)),
    );
    expect(saltOf(sealed[0]!)).not.toBe(saltOf(sealed[1]!));
  });

  it('draws a salt for each text when reuseSalt is false', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'], reuseSalt: false });
    const sealed = [await envelope.seal(TEXT), await envelope.seal(TEXT)];
    expect(saltOf(sealed[0]!)).not.toBe(saltOf(sealed[1]!));
  });

  it('opens its own at once', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'] });
    expect(envelope.open(await envelope.seal(TEXT))).toMatchObject({ plaintext: Buffer.from(TEXT) });
  });

  it('takes another salt before 3des192 has worn out its key', async () => {
    const envelope = new ApacheEnvelope({ cipher: '3des192', secrets: ['secret'] });
    const half = 't'.repeat(8 * 2 ** 17 - 1);
    const sealed: string[] = [];
    for (let i = 0; i < 9; i++) sealed.push(await envelope.seal(half));
    expect(new Set(sealed.slice(0, 8).map(saltOf)).size).toBe(1);
    expect(saltOf(sealed[8]!)).not.toBe(saltOf(sealed[0]!));
    expect(derivations()).toBe(2);
  });

  it('rejects when no key can be derived, and tries anew', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'] });
    derive.mockRejectedValueOnce(new Error('no memory'));
    await expect(envelope.seal(TEXT)).rejects.toThrow('no memory');
    expect(await envelope.seal(TEXT)).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
  });

  it('seals the bytes that it was given, whatever becomes of them meanwhile', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'] });
    const bytes = new Uint8Array(Buffer.from(TEXT));
    const sealing = envelope.seal(bytes);
    bytes.fill(0x20);
    expect((await envelope.open(await sealing))!.plaintext.toString()).toBe(TEXT);
  });

  it.each([
    { what: 'an empty text', text: '', error: SessionStateError },
    { what: 'no bytes', text: Buffer.alloc(0), error: SessionStateError },
    { what: 'a zero byte', text: 'a=1\0', error: SessionStateError },
    { what: 'more than could be opened', text: 't'.repeat(1_200_000), error: SessionTooLargeError },
  ])('refuses $what', async ({ text, error }) => {
    const envelope = new ApacheEnvelope({ secrets: ['secret'] });
    await expect((async () => envelope.seal(text))()).rejects.toThrow(error);
    expect(derivations()).toBe(0);
  });
});

describe('ApacheEnvelope over a ring that changes', () => {
  const secrets = (...texts: string[]) =>
    texts.map((text) => ({ kind: 'passphrase', bytes: Buffer.from(text) }) as const);
  const maker = new PassphraseRingMaker('crypto.secrets');

  it('seals under the new first passphrase, opens the old as stale, and keeps their keys', async () => {
    const keys = { ring: await maker.make(secrets('old')) };
    const envelope = new ApacheEnvelope({ keys });
    const before = await envelope.seal(TEXT);
    keys.ring = await maker.make(secrets('new', 'old'));
    expect(envelope.open(before)).toMatchObject({ index: 1, stale: true });
    const after = await envelope.seal(TEXT);
    expect(envelope.open(after)).toMatchObject({ index: 0, stale: false });
    expect(await new ApacheEnvelope({ secrets: ['new'] }).open(after)).toMatchObject({ index: 0 });
  });

  it('opens nothing by a passphrase that has gone, nor by a key that came from it', async () => {
    const keys = { ring: await maker.make(secrets('old')) };
    const envelope = new ApacheEnvelope({ keys });
    const before = await envelope.seal(TEXT);
    keys.ring = await maker.make(secrets('new'));
    expect(envelope.open(before)).toBeUndefined();
    keys.ring = await maker.make(secrets('new', 'old'));
    expect(envelope.open(before)).toBeInstanceOf(Promise);
  });

  it('keeps its salt when the first passphrase stays', async () => {
    const keys = { ring: await maker.make(secrets('one')) };
    const envelope = new ApacheEnvelope({ keys });
    const before = await envelope.seal(TEXT);
    keys.ring = await maker.make(secrets('one', 'two'));
    const after = envelope.seal(TEXT) as string;
    expect(after.slice(12, 32)).toBe(before.slice(12, 32));
  });

  it('calls stale what a retiring passphrase opened, and seals by the next one', async () => {
    const [retiring, other] = secrets('one', 'two');
    const before = await new ApacheEnvelope({ secrets: ['one'] }).seal(TEXT);
    const ring = await maker.make([{ ...retiring!, state: 'retiring' }, other!]);
    const envelope = new ApacheEnvelope({ keys: { ring } });
    expect(await envelope.open(before)).toMatchObject({ index: 1, stale: true });
    expect(await envelope.open(await envelope.seal(TEXT))).toMatchObject({ index: 0, stale: false });
  });
});

describe('new ApacheEnvelope', () => {
  const faultsOf = (options: unknown): readonly { path: string; message: string }[] => {
    try {
      expect(new ApacheEnvelope(options as { secrets: string[] })).toBeDefined();
    } catch (error) {
      expect(error).toBeInstanceOf(SessionConfigError);
      return (error as SessionConfigError).faults;
    }
    return [];
  };

  it.each([
    { what: 'no list', options: {}, path: 'secrets', says: /is undefined/ },
    { what: 'an empty list', options: { secrets: [] }, path: 'secrets', says: /empty array/ },
    { what: 'an empty passphrase', options: { secrets: ['a', ''] }, path: 'secrets[1]', says: /is empty/ },
    {
      what: 'an empty buffer',
      options: { secrets: [Buffer.alloc(0)] },
      path: 'secrets[0]',
      says: /is empty/,
    },
    { what: 'an unset one', options: { secrets: [undefined] }, path: 'secrets[0]', says: /is undefined/ },
    {
      what: 'a program',
      options: { secrets: ['exec:/bin/p4ss'] },
      path: 'secrets[0]',
      says: /names a program/,
    },
    {
      what: 'a file',
      options: { secrets: ['file:p4ss'] },
      path: 'secrets[0]',
      says: /names a program or a file/,
    },
    {
      what: 'an unknown cipher',
      options: { secrets: ['a'], cipher: 'rot13' },
      path: 'cipher',
      says: /^"rot13" is unknown; httpd has 3des192, aes128, aes192, aes256$/,
    },
    {
      what: 'a negative keyCache',
      options: { secrets: ['a'], keyCache: -1 },
      path: 'keyCache',
      says: /is not a count/,
    },
    {
      what: 'a number for reuseSalt',
      options: { secrets: ['a'], reuseSalt: 1 },
      path: 'reuseSalt',
      says: /true and/,
    },
    {
      what: 'an unknown option',
      options: { secrets: ['a'], digest: 'x' },
      path: 'digest',
      says: /is unknown/,
    },
  ])('refuses $what and names its path', ({ options, path, says }) => {
    const faults = faultsOf(options);
    expect(faults).toEqual([{ path, message: expect.stringMatching(says) as string }]);
    expect(faults[0]!.message).not.toMatch(/p4ss/);
  });

  it('lists all faults at once', () => {
    const faults = faultsOf({ secrets: ['a', ''], cipher: 'x', keyCache: 0.5 });
    expect(faults.map(({ path }) => path)).toEqual(['cipher', 'keyCache', 'secrets[1]']);
  });

  it.each(['x', 'exec:', 'raw:', Buffer.from('exec:p'), Buffer.from([0xe9, 0xff])])(
    'takes the passphrase %o',
    (one) => {
      expect(faultsOf({ secrets: [one] })).toEqual([]);
    },
  );

  it('shows nothing of what it holds', async () => {
    const envelope = new ApacheEnvelope({ secrets: ['a secret'] });
    await envelope.open(await envelope.seal(TEXT));
    expect(inspect(envelope, { depth: 9, showHidden: true })).toBe(
      'ApacheEnvelope { cipher: aes256, PassphraseRing { keys: 1, generation: 1 } }',
    );
    expect(JSON.stringify(envelope)).toBe('{"cipher":"aes256","ring":{"keys":1,"generation":1}}');
  });
});

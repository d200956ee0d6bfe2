import fc from '../../../support/property.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { apache, ApacheEnvelope, type ApacheOptions } from '../../../../lib/apache/index.js';
import type { ApacheCodec } from '../../../../lib/apache/text/apache.codec.js';
import { SessionTooLargeError } from '../../../../lib/errors/session-state.error.js';
import { NEVER, type SessionTimeouts } from '../../../../lib/record/session-lifetime.js';
import type { JsonObject } from '../../../../lib/record/session-data.interface.js';
import type { OpenedRecord } from '../../../../lib/persistence/record-codec.interface.js';
import type { SessionRecord } from '../../../../lib/record/session-record.js';

const NOW = 1_800_000_000;
const SECRET = 'a passphrase that is long enough';
const TIMEOUTS: SessionTimeouts = {
  idleTimeout: 1800,
  absoluteTimeout: 0,
  regenerateInterval: 0,
  graceTime: 60,
  touchInterval: 900,
};
const httpd = new ApacheEnvelope({ secrets: [SECRET] });

interface Given {
  timeouts?: Partial<SessionTimeouts>;
  payloadLimit?: number;
  format?: Partial<ApacheOptions>;
  now?: () => number;
}

async function codecOf({ timeouts, payloadLimit = 100_000, format, now = () => NOW }: Given = {}) {
  const started = await apache({ secrets: [SECRET], ...format }).start(
    'crypto.format',
    { interval: 0, watch: false },
    { reloaded: () => undefined, failed: () => undefined },
    new OpensslDriver(),
  );
  return started.codec({ timeouts: { ...TIMEOUTS, ...timeouts }, payloadLimit, now }) as ApacheCodec;
}

const recordOf = (data: JsonObject, more: Partial<SessionRecord> = {}): SessionRecord => ({
  id: Buffer.alloc(16, 7),
  idIssuedAt: NOW,
  lastSeenAt: NOW,
  deadline: 0,
  idleTimeout: 1800,
  authenticatedAt: 0,
  generation: 0,
  epoch: 0,
  subject: undefined,
  data,
  flash: {},
  csrfSeed: undefined,
  createdAt: NOW,
  ...more,
});

async function opened(codec: ApacheCodec, text: string): Promise<OpenedRecord> {
  const result = await codec.open(text);
  if (typeof result === 'string') throw new Error(`refused: ${result}`);
  return result;
}
const plain = async (sealed: string) => (await httpd.open(sealed))!.plaintext.toString('latin1');
const ownOf = (text: string) => /(?:^|&)(_nsc=[^&]*)/.exec(text)?.[1];
const without = (text: string, ...keys: string[]) =>
  text
    .split('&')
    .filter((pair) => !keys.includes(pair.split('=')[0]!))
    .join('&');

let codec: ApacheCodec;
beforeAll(async () => {
  codec = await codecOf();
});

/** Opens a text that httpd has sealed, changes the data, and returns the session text that is sealed next. */
async function afterChange(
  text: string | Buffer,
  change: (data: Record<string, never>) => void,
  using = codec,
) {
  const { record } = await opened(using, await httpd.seal(text));
  const data = { ...record.data } as Record<string, never>;
  change(data);
  const next = { ...record, data };
  using.check(next);
  return plain(await using.seal(next, Infinity));
}

describe('a session text of httpd that is written again', () => {
  it('has its entries in their order and spelling, and the expiry last', async () => {
    const text = await afterChange('zeta=1&Alpha=2&10=x&2=y&beta=3', (data) => {
      data['new'] = 'n' as never;
    });
    expect(without(text, '_nsc', 'expiry')).toBe('zeta=1&Alpha=2&10=x&2=y&beta=3&new=n');
    expect(text).toMatch(/&expiry=1800001800000000$/);
  });

  it('keeps entries that are not text, byte for byte and in their places, and hides them', async () => {
    const raw = 'a=1&%ff%fe=v&k=%80%81&__proto__=p&b=2';
    const { record } = await opened(codec, await httpd.seal(raw));
    expect(record.data).toEqual({ a: '1', b: '2' });
    expect(Object.getPrototypeOf(record.data)).toBe(Object.prototype);
    const text = await afterChange(raw, (data) => {
      data['b'] = '3' as never;
    });
    expect(without(text, '_nsc', 'expiry')).toBe('a=1&%ff%fe=v&k=%80%81&__proto__=p&b=3');
  });

  it('shows names of Object.prototype as data', async () => {
    const { record } = await opened(codec, await httpd.seal('constructor=c&toString=t&hasOwnProperty=h'));
    expect(Object.entries(record.data)).toEqual([
      ['constructor', 'c'],
      ['toString', 't'],
      ['hasOwnProperty', 'h'],
    ]);
  });

  it('puts a key that was deleted and set again back in its place', async () => {
    const text = await afterChange('a=1&b=2&c=3', (data) => {
      delete data['b'];
      data['b'] = 'x' as never;
    });
    expect(without(text, '_nsc', 'expiry')).toBe('a=1&b=x&c=3');
  });

  it('is the same text for any bytes', async () => {
    const part = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((bytes) => bytes.map((byte) => byte || 1));
    const entries = fc.uniqueArray(fc.tuple(part, part), {
      minLength: 1,
      maxLength: 8,
      selector: ([key]) => Buffer.from(key).toString('latin1').toLowerCase(),
    });
    await fc.assert(
      fc.asyncProperty(entries, async (pairs) => {
        const written = pairs
          .filter(([key]) => !/^(?:expiry|_nsc)$/i.test(Buffer.from(key).toString('latin1')))
          .map((pair) => pair.map((bytes) => [...bytes].map(escaped).join('')).join('='))
          .join('&');
        if (!written) return;
        const text = await afterChange(written, () => undefined);
        expect(without(text, '_nsc', 'expiry')).toBe(written);
      }),
      { numRuns: 200 },
    );
  });
});

const escaped = (byte: number) => {
  const character = String.fromCharCode(byte);
  if (character === ' ') return '+';
  return /[A-Za-z0-9.*_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
};

describe('data', () => {
  const through = async (data: JsonObject, using = codec) =>
    (await opened(using, await using.seal(recordOf(data), Infinity))).record.data;

  it.each<[string, JsonObject]>([
    ['numbers, lists and objects', { n: 5, list: [1, 'two', null], deep: { a: { b: [] } } }],
    ['empty text, null and booleans', { empty: '', none: null, yes: true, no: false }],
    ['a zero byte and half a character', { nul: 'a\0b', half: '\ud800', other: 'x\udfff' }],
    ['text that looks like JSON', { n: '5', list: '[1]', quoted: '"x"', nothing: 'null' }],
    ['a byte order mark', { bom: '\ufeffx', '\ufeffkey': 'y' }],
    ['keys with separators', { 'a=b&c': '1', ' ': '2', '%00': '3', '+': '+' }],
  ])('comes back unchanged: %s', async (_name, data) => {
    expect(await through(data)).toEqual(data);
  });

  it('comes back unchanged for any JSON', async () => {
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
      .filter((text) => !/^(?:expiry|_nsc|__proto__)$/i.test(text) && !text.includes('\0'));
    const value = fc.jsonValue({ maxDepth: 3 }).filter((one) => !JSON.stringify(one).includes('__proto__'));
    const datas = fc
      .uniqueArray(fc.tuple(key, value), { maxLength: 6, selector: ([text]) => text.toLowerCase() })
      .map((pairs) => JSON.parse(JSON.stringify(Object.fromEntries(pairs))) as JsonObject);
    await fc.assert(
      fc.asyncProperty(datas, async (data) => {
        codec.check(recordOf(data));
        expect(await through(data)).toEqual(data);
      }),
      { numRuns: 200 },
    );
  });

  it('shows text that a backend has put in the place of JSON as text', async () => {
    const text = await plain(await codec.seal(recordOf({ cart: { n: 1 } }), Infinity));
    for (const [put, shown] of [
      ['plain', 'plain'],
      ['%7b%22n%22%3a2%7d', { n: 2 }],
      ['1%2c%22v%22%3a2', '1,"v":2'],
      ['%7b%22__proto__%22%3a1%7d', '{"__proto__":1}'],
      ['1%7d', '1}'],
    ] as const) {
      const { record } = await opened(codec, await httpd.seal(text.replace(/cart=[^&]*/, `cart=${put}`)));
      expect(record.data).toEqual({ cart: shown });
    }
  });

  it.each(['expiry', 'EXPIRY', 'Expiry', '_nsc', '_NSC', 'a\0b', '\ud800x'])(
    'cannot have the key %j',
    (key) => {
      expect(() => codec.check(recordOf({ [key]: '1' }))).toThrow(
        expect.objectContaining({ code: 'ERR_SESSION_VALUE' }) as Error,
      );
    },
  );

  it('cannot have two keys that differ only in the case of ASCII letters', () => {
    expect(() => codec.check(recordOf({ cart: '1', Cart: '2' }))).toThrow(/"Cart".*"cart"/);
    expect(() => codec.check(recordOf({ ä: '1', Ä: '2' }))).not.toThrow();
  });

  it('can change although httpd has an entry Expiry', async () => {
    const text = await afterChange('Expiry=x&a=1', (data) => {
      data['a'] = '2' as never;
    });
    expect(without(text, '_nsc', 'expiry')).toBe('Expiry=x&a=2');
  });

  it('with too many entries is refused at a save, and is no session when it is read', async () => {
    const data = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, '1']));
    await expect(async () => codec.seal(recordOf(data), Infinity)).rejects.toMatchObject({
      code: 'ERR_SESSION_TOO_LARGE',
    });
    const many = Array.from({ length: 10_001 }, (_, i) => `k${i}=1`).join('&');
    expect(await (await codecOf({ payloadLimit: 1e6 })).open(await httpd.seal(many))).toBe('payload');
  });

  it('larger than the limits is refused, with the bytes of each key', async () => {
    const small = await codecOf({ payloadLimit: 500 });
    const big = recordOf({ big: 'x'.repeat(600), small: 'y' });
    const error = await Promise.resolve()
      .then(() => small.seal(big, Infinity))
      .catch((one: unknown) => one);
    expect(error).toBeInstanceOf(SessionTooLargeError);
    expect(Object.keys((error as SessionTooLargeError).bytesByKey)).toEqual(['big', 'small']);
    await expect(async () => codec.seal(big, 600)).rejects.toBeInstanceOf(SessionTooLargeError);
    expect(await small.open(await httpd.seal(`a=${'x'.repeat(600)}`))).toBe('payload');
  });
});

describe('the native entry', () => {
  const record = recordOf(
    { cart: '1' },
    { subject: 'ada', flash: { note: 'hi' }, csrfSeed: 'seed', authenticatedAt: NOW, generation: 3 },
  );
  const textOf = async () => plain(await codec.seal(record, Infinity));

  it('carries the parts that httpd has no entry for', async () => {
    const { record: back } = await opened(codec, await codec.seal(record, Infinity));
    const { subject, flash, csrfSeed, authenticatedAt, generation, id, createdAt } = back;
    expect({ subject, flash, csrfSeed, authenticatedAt, generation, id, createdAt }).toEqual({
      subject: 'ada',
      flash: { note: 'hi' },
      csrfSeed: 'seed',
      authenticatedAt: NOW,
      generation: 3,
      id: record.id,
      createdAt: NOW,
    });
  });

  it.each<[string, (entry: string) => string]>([
    [
      'forged',
      () => `_nsc=${Buffer.concat([Buffer.alloc(16), Buffer.from('{"u":"root"}')]).toString('base64url')}`,
    ],
    ['cut off', (entry) => entry.slice(0, -3)],
    ['of a MAC alone', (entry) => entry.slice(0, 5 + 22)],
    ['with one bit flipped', (entry) => entry.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) + 'A'],
    ['of other bytes', () => '_nsc=%ff%00'],
    ['in clear', () => '_nsc=%7b%22u%22%3a%22root%22%7d'],
  ])('that is %s is ignored', async (_name, spoil) => {
    const text = await textOf();
    const spoilt = text.replace(ownOf(text)!, spoil(ownOf(text)!));
    const { record: back } = await opened(codec, await httpd.seal(spoilt));
    expect([back.subject, back.flash, back.csrfSeed, back.data]).toEqual([
      undefined,
      {},
      undefined,
      { cart: '1' },
    ]);
    expect(back.id.equals(record.id)).toBe(false);
  });

  it('of another passphrase does not count', async () => {
    const other = await codecOf({ format: { secrets: ['another passphrase altogether'] } });
    const foreign = new ApacheEnvelope({ secrets: ['another passphrase altogether'] });
    const text = (await foreign.open(await other.seal(record, Infinity)))!.plaintext;
    expect((await opened(codec, await httpd.seal(text))).record.subject).toBeUndefined();
  });

  /** A limit of the format: a session text does not say which session it belongs to. With `auth`, the user must match. */
  it('counts in another session too, where only a backend behind httpd can copy it', async () => {
    const entry = ownOf(await textOf())!;
    expect((await opened(codec, await httpd.seal(`cart=9&${entry}`))).record.subject).toBe('ada');
    const withAuth = await codecOf({
      format: { auth: { name: 'realm', trustUserKey: false, verify: () => false } },
    });
    expect((await opened(withAuth, await httpd.seal(`cart=9&${entry}`))).record.subject).toBeUndefined();
  });

  it('is not data, in any spelling', async () => {
    const text = await textOf();
    const { record: back } = await opened(codec, await httpd.seal(text.replace('_nsc=', '_NSC=')));
    expect(Object.keys(back.data)).toEqual(['cart']);
  });
});

describe('the end of a session', () => {
  const expiryOf = async (using: ApacheCodec, record: SessionRecord) =>
    /expiry=(-?\d+)$/.exec(await plain(await using.seal(record, Infinity)))?.[1];

  it('is now and the idle timeout, in microseconds', async () => {
    expect(await expiryOf(codec, recordOf({ a: '1' }))).toBe(`${NOW + 1800}000000`);
  });

  it('is never beyond the absolute timeout', async () => {
    const using = await codecOf({ timeouts: { absoluteTimeout: 1000 } });
    expect(await expiryOf(using, recordOf({ a: '1' }))).toBe(`${NOW + 1000}000000`);
  });

  it('is not written for a session without one', async () => {
    const using = await codecOf({ timeouts: { idleTimeout: 0 } });
    expect(await expiryOf(using, recordOf({ a: '1' }, { idleTimeout: 0 }))).toBeUndefined();
  });

  it.each([0, 1800])(
    'that the text sets counts to the second, with an idle timeout of %i',
    async (idleTimeout) => {
      let now = NOW;
      const using = await codecOf({ timeouts: { idleTimeout }, now: () => now });
      const sealed = await httpd.seal(`a=1&expiry=${NOW + 10}000000`);
      now = NOW + 9;
      expect(typeof (await using.open(sealed))).toBe('object');
      now = NOW + 10;
      expect(await using.open(sealed)).toBe('expired');
    },
  );

  it.each(['-5', '1', '-9223372036854775808'])('of %s is past', async (expiry) => {
    expect(await codec.open(await httpd.seal(`a=1&expiry=${expiry}`))).toBe('expired');
  });

  it.each(['9223372036854775807', '99999999999999999999999'])('of %s is far away', async (expiry) => {
    const sealed = await httpd.seal(`a=1&expiry=${expiry}`);
    for (const idleTimeout of [0, 1800]) {
      const using = await codecOf({ timeouts: { idleTimeout } });
      const { record } = await opened(using, sealed);
      expect(record.lastSeenAt).toBe(NOW);
      expect(record.deadline).toBe(0);
      expect(await expiryOf(using, record)).toBe(idleTimeout ? `${NOW + 1800}000000` : '9223372036854775807');
    }
  });

  it('that a backend has set stays to the microsecond without an idle timeout', async () => {
    const using = await codecOf({ timeouts: { idleTimeout: 0 } });
    const { record } = await opened(using, await httpd.seal(`a=1&expiry=${NOW + 10}000001`));
    expect(await expiryOf(using, { ...record, data: { a: '2' } })).toBe(`${NOW + 10}000001`);
    expect(record.deadline).toBe(NOW + 11);
  });

  it('that a backend has set beyond the absolute timeout becomes that timeout', async () => {
    const using = await codecOf({ timeouts: { idleTimeout: 0, absoluteTimeout: 5 } });
    const { record } = await opened(using, await httpd.seal(`a=1&expiry=${NOW + 10}000001`));
    expect(await expiryOf(using, record)).toBe(`${NOW + 5}000000`);
  });

  it('that this side has set is moved by a login, with an absolute timeout only', async () => {
    let now = NOW;
    const using = await codecOf({ timeouts: { idleTimeout: 0, absoluteTimeout: 1000 }, now: () => now });
    const sealed = await using.seal(recordOf({ a: '1' }, { idleTimeout: 0, deadline: NOW + 1000 }), Infinity);
    now = NOW + 600;
    const { record } = await opened(using, sealed);
    const loggedIn = {
      ...record,
      subject: 'ada',
      createdAt: now,
      authenticatedAt: now,
      idIssuedAt: now,
      lastSeenAt: now,
    };
    expect(await expiryOf(using, { ...loggedIn, deadline: now + 1000 })).toBe(`${now + 1000}000000`);
  });

  it('is no deadline beyond 32 bits, so that it stays a valid date', async () => {
    const using = await codecOf({ timeouts: { idleTimeout: 0 } });
    const { record } = await opened(using, await httpd.seal(`a=1&expiry=${NEVER}000000`));
    expect(record.deadline).toBe(0);
  });

  it('is returned with the record', async () => {
    const { expiresAt } = await opened(codec, await httpd.seal(`a=1&expiry=${NOW + 10}999999`));
    expect(expiresAt).toBe(NOW + 10);
    expect((await opened(codec, await httpd.seal('a=1'))).expiresAt).toBeUndefined();
  });
});

describe('a value', () => {
  it('of an older passphrase is stale, and is sealed by the first', async () => {
    const using = await codecOf({ format: { secrets: ['the one that seals now', SECRET] } });
    const { record, stale } = await opened(using, await httpd.seal('a=1'));
    expect(stale).toBe(true);
    const again = await using.seal(record, Infinity);
    expect(await httpd.open(again)).toBeUndefined();
    expect((await opened(using, again)).stale).toBe(false);
  });

  it.each(['', 'x', '!'.repeat(64), 'A'.repeat(64), '%41'.repeat(30), '=', 'A'.repeat(5000)])(
    'that does not open gives a reason and no error',
    async (text) => {
      expect(await codec.open(text)).toBe('tag');
    },
  );

  it('of an empty text is an empty session', async () => {
    const other = await codecOf({ format: { rules: 'trunk' } });
    expect((await opened(other, await httpd.seal('&'))).record.data).toEqual({});
    expect((await opened(other, await httpd.seal('a=b=c'))).record.data).toEqual({ a: 'b' });
    expect((await opened(codec, await httpd.seal('a=b=c'))).record.data).toEqual({ a: 'b=c' });
  });
});

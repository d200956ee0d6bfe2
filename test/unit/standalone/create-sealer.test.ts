import { runInNewContext } from 'node:vm';
import fc from '../../support/property.js';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createSealer,
  EnvelopeError,
  OpensslDriver,
  SessionConfigError,
  type CryptoDriver,
  type Sealer,
  type SealerOptions,
} from 'nestjs-session-crypto';
import { countingBytes } from '../crypto/rings.js';

const KEY = `hex:${'01'.repeat(32)}`;
const OTHER = `hex:${'02'.repeat(32)}`;

let sealers: Sealer[] = [];
afterEach(() => {
  for (const sealer of sealers) sealer.close();
  sealers = [];
});

async function sealerOf(options: Partial<SealerOptions> = {}): Promise<Sealer> {
  const sealer = await createSealer({ secrets: [KEY], ...options });
  sealers.push(sealer);
  return sealer;
}

describe('createSealer', () => {
  it.each(['aes256', 'aes128', 'chacha20'] as const)('opens what it sealed with %s', async (cipher) => {
    const sealer = await sealerOf({ cipher });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.string({ unit: 'grapheme' }),
        async (bytes, context) => {
          const sealed = await sealer.seal(bytes, context);
          expect(sealed).toMatch(/^[\w-]+$/);
          expect(await sealer.open(sealed, context)).toEqual(Buffer.from(bytes));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('binds to no context that another one would open', async () => {
    const sealer = await sealerOf();
    const sealed = await sealer.seal('text', 'user \ufffd \u{1f600}');
    for (const context of ['user \ud800', '\udfff', ['user 1'], Buffer.from('user'), 5, null]) {
      await expect(sealer.seal('text', context as string)).rejects.toThrow(TypeError);
      await expect(sealer.open(sealed, context as string)).rejects.toThrow(EnvelopeError);
    }
    await expect(sealer.open(sealed, 'user \ufffd \u{1f600}')).resolves.toEqual(Buffer.from('text'));
  });

  it('refuses a plaintext whose bytes it would change', async () => {
    const sealer = await sealerOf();
    const others: unknown[] = [
      Uint16Array.of(300),
      new DataView(new ArrayBuffer(4)),
      new ArrayBuffer(4),
      [1],
      5,
    ];
    for (const plaintext of others)
      await expect(sealer.seal(plaintext as Uint8Array)).rejects.toThrow(TypeError);
  });

  it('neither seals, opens nor reloads once it is closed, and may be closed again', async () => {
    const sealer = await sealerOf();
    const sealed = await sealer.seal('text');
    const running = sealer.open(sealed);
    const closing = sealer.close();
    const refused = { code: 'ERR_SESSION_CLOSED' };
    for (const act of [() => sealer.seal('text'), () => sealer.open(sealed), () => sealer.reload()])
      await expect(act()).rejects.toMatchObject(refused);
    expect((await running).toString()).toBe('text');
    await expect(closing).resolves.toBeUndefined();
    await expect(sealer.close()).resolves.toBeUndefined();
    await expect(sealer.seal('text')).rejects.toMatchObject(refused);
  });

  it('takes text as UTF-8', async () => {
    const sealer = await sealerOf();
    expect((await sealer.open(await sealer.seal('grün'))).toString()).toBe('grün');
  });

  it('gives one and the same error for every reason', async () => {
    const sealer = await sealerOf();
    const sealed = await sealer.seal('text', 'here');
    const stranger = await (await sealerOf({ secrets: [OTHER] })).seal('text', 'here');
    const forms = [
      '',
      'x',
      '====',
      'A'.repeat(200),
      sealed.slice(1),
      sealed.slice(0, -1),
      `${sealed}A`,
      `${sealed}=`,
      ` ${sealed}`,
      stranger,
      sealed.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    ];
    for (const form of [...forms, undefined, null, 5, {}, Buffer.from(sealed, 'base64url')]) {
      const opening = sealer.open(form as string, 'here');
      await expect(opening).rejects.toThrow(EnvelopeError);
      await expect(opening).rejects.toThrow(/^The sealed value does not open$/);
    }
    await expect(sealer.open(sealed, 'x'.repeat(65_536))).rejects.toThrow(EnvelopeError);
    await expect(sealer.open(sealed, 'there')).rejects.toThrow(EnvelopeError);
    await expect(sealer.open(sealed)).rejects.toThrow(EnvelopeError);
    expect((await sealer.open(sealed, 'here')).toString()).toBe('text');
  });

  it.each([
    { purpose: 'other' },
    { ring: 'other' },
    { tenant: 'other' },
    { audience: 'other' },
    { secrets: [OTHER] },
    { cipher: 'aes128' as const },
  ])('opens nothing of a sealer with %o', async (options) => {
    const [one, other] = [await sealerOf(), await sealerOf(options)];
    await expect(other.open(await one.seal('text'))).rejects.toThrow(EnvelopeError);
    await expect(one.open(await other.seal('text'))).rejects.toThrow(EnvelopeError);
  });

  it('rotates in three steps without losing anything', async () => {
    let secrets = [KEY];
    const sealer = await sealerOf({ secrets: [() => secrets] });
    const old = await sealer.seal('old');
    const opened = async (sealed: string) => (await sealer.open(sealed)).toString();
    secrets = [KEY, OTHER];
    await sealer.reload();
    expect(await opened(old)).toBe('old');
    secrets = [OTHER, KEY];
    await sealer.reload();
    const fresh = await sealer.seal('new');
    expect([await opened(old), await opened(fresh)]).toEqual(['old', 'new']);
    secrets = [OTHER];
    await sealer.reload();
    expect(await opened(fresh)).toBe('new');
    await expect(sealer.open(old)).rejects.toThrow(EnvelopeError);
  });

  it('keeps its keys when a reload fails', async () => {
    let answer = (): string => KEY;
    const sealer = await sealerOf({ secrets: [() => answer()] });
    const sealed = await sealer.seal('text');
    answer = () => {
      throw new Error('the vault is away');
    };
    await expect(sealer.reload()).rejects.toThrow(SessionConfigError);
    expect((await sealer.open(sealed)).toString()).toBe('text');
  });

  it.each([50_400_000, 80_000_000])(
    'opens %i bytes again, or says that they are too many to seal',
    async (length) => {
      const sealer = await sealerOf();
      const outcome = await sealer
        .seal(Buffer.alloc(length))
        .then((sealed) => sealer.open(sealed))
        .then(({ length: opened }) => `opened ${opened}`, String);
      expect(outcome).not.toMatch(/call stack|does not open/);
    },
  );

  it('lists every fault of its options', async () => {
    const making = createSealer({
      secrets: [undefined as never],
      cipher: 'x' as never,
      more: 1,
    } as SealerOptions);
    await expect(making).rejects.toMatchObject({
      faults: [{ path: 'crypto.cipher' }, { path: 'crypto.secrets[0]' }, { path: 'crypto.more' }],
    });
  });

  it('starts with a raw key, a Buffer and a text alike', async () => {
    const [text, bytes] = [
      await sealerOf({ secrets: [`hex:${countingBytes().toString('hex')}`] }),
      await sealerOf({ secrets: [countingBytes()] }),
    ];
    expect((await bytes.open(await text.seal('text'))).toString()).toBe('text');
  });
});

it.each(['text', Buffer.from('text')])(
  'createSealer wipes its copy of %o once it is sealed',
  async (given) => {
    const seen: Uint8Array[] = [];
    class Keeping extends OpensslDriver {
      override seal(...args: Parameters<OpensslDriver['seal']>): Buffer {
        seen.push(args[3]);
        return super.seal(...args);
      }
    }
    const sealer = await sealerOf({ driver: Keeping });
    const sealed = await sealer.seal(given);
    expect(Buffer.from(seen.at(-1)!)).toEqual(Buffer.alloc(4));
    expect((await sealer.open(sealed)).toString()).toBe(given.toString());
    expect(given.toString()).toBe('text');
  },
);

describe('createSealer with a driver that answers wrongly', () => {
  const openssl = new OpensslDriver();
  const driverWith = (wrong: object): CryptoDriver => ({
    name: 'wrong',
    ciphers: openssl.ciphers,
    importKey: (bytes) => openssl.importKey(bytes),
    expand: (key, info, length) => openssl.expand(key as never, info, length),
    seal: (suite, key, ...rest) => openssl.seal(suite, key as never, ...rest),
    open: (suite, key, ...rest) => openssl.open(suite, key as never, ...rest),
    ...wrong,
  });
  /** None of ours, as those of libraries are not. */
  const Foreign = runInNewContext('Promise') as PromiseConstructor;
  const throws = () => {
    throw new Error('no such mechanism');
  };
  const acceptAnyTag: CryptoDriver['open'] = (suite, key, nonce, sealed) => {
    const text = openssl.seal(suite, key as never, nonce, sealed.subarray(0, -16)).subarray(0, -16);
    return text;
  };

  it.each([
    { what: 'accepts any tag', wrong: { open: acceptAnyTag }, says: /opens a forged tag/ },
    {
      what: 'seals to another ciphertext',
      wrong: {
        seal: (_: unknown, __: unknown, ___: unknown, text: Uint8Array) =>
          Buffer.concat([text, Buffer.alloc(16)]),
      },
      says: /seals wrongly/,
    },
    {
      what: 'expands wrongly',
      wrong: { expand: (_: unknown, __: unknown, length: number) => Buffer.alloc(length, 1) },
      says: /Expand-SHA-512 gives a wrong answer/,
    },
    { what: 'opens nothing', wrong: { open: () => undefined }, says: /opens wrongly/ },
    { what: 'throws', wrong: { expand: throws }, says: /self-test/ },
    { what: 'rejects', wrong: { seal: () => Promise.reject(new Error('no')) }, says: /self-test/ },
    ...(['importKey', 'expand', 'seal', 'open'] as const).map((method) => ({
      what: `answers ${method} by a promise of another realm`,
      wrong: {
        [method]: (...args: never[]) => Foreign.resolve(Reflect.apply(openssl[method], openssl, args)),
      },
      says: /self-test: it threw \(ERR_FOREIGN_PROMISE\)/,
    })),
  ])('does not start when it $what', async ({ wrong, says }) => {
    const making = createSealer({ secrets: [KEY], driver: driverWith(wrong) });
    await expect(making).rejects.toThrow(SessionConfigError);
    await expect(making).rejects.toMatchObject({
      faults: [{ path: 'crypto.driver', message: expect.stringMatching(says) }],
    });
  });

  it('tests every cipher that opens, not only the one that seals', async () => {
    const wrong = driverWith({
      open: (...args: Parameters<typeof openssl.open>) =>
        args[0].cipher === 'aes128' ? undefined : openssl.open(...args),
    });
    const making = createSealer({ secrets: [KEY], driver: wrong, acceptCiphers: ['aes128'] });
    await expect(making).rejects.toThrow(/aes128 opens wrongly/);
  });

  it('starts with one that answers rightly', async () => {
    const sealer = await sealerOf({ driver: driverWith({}) });
    expect((await sealer.open(await sealer.seal('text'))).toString()).toBe('text');
  });
});

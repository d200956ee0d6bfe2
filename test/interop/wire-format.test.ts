import { createHash } from 'node:crypto';
import fc from '../support/property.js';
import { describe, expect, it } from 'vitest';
import { createSealer } from '../../lib/standalone/create-sealer.js';
import { OpensslDriver } from '../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../lib/crypto/key-ring-factory.js';
import { SUITES, suiteByVersion } from '../../lib/crypto/suites.js';
import type { KeyRing } from '../../lib/crypto/key-ring.js';
import { Envelope } from '../../lib/envelope/envelope.js';
import { CsrfTokens } from '../../lib/envelope/csrf-token.js';
import { EnvelopeContext, type ContextItems } from '../../lib/envelope/envelope-context.js';
import { ReferenceTokens } from '../../lib/envelope/reference-token.js';
import { CookieRepository } from '../../lib/persistence/cookie.repository.js';
import { NativeCodec } from '../../lib/persistence/native.codec.js';
import type { SessionEvents } from '../../lib/persistence/session-events.js';
import type { JsonObject } from '../../lib/record/session-data.interface.js';
import { isAlive, type SessionTimeouts } from '../../lib/record/session-lifetime.js';
import { decodeRecord, encodeRecord, type SessionRecord } from '../../lib/record/session-record.js';
import type { SessionLookup } from '../../lib/persistence/session-repository.interface.js';
import { StoredRepository } from '../../lib/persistence/stored.repository.js';
import type { MonitoredStore } from '../../lib/persistence/monitored.store.js';
import type { FoundRow, SessionRow, Tombstone } from '../../lib/stores/session-store.interface.js';
import * as independent from './independent.js';
import type { Context, Frame, Key, Payload } from './independent.js';

// Ten thousand random cases between two implementations. A failure prints fast-check's seed and the smallest case.

const driver = new OpensslDriver();
const NO_LIMIT = 2 ** 30;
const NO_ROW = Buffer.alloc(0);
const NOW = 1_767_225_600;
const NO_TIMEOUTS: SessionTimeouts = {
  idleTimeout: 0,
  absoluteTimeout: 0,
  regenerateInterval: 0,
  graceTime: 60,
  touchInterval: 0,
};

const bytesOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
const anyText = fc.oneof(
  fc.string({ maxLength: 16 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const anyName = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
  maxLength: 20,
});
const anyVersion = fc.constantFrom(...SUITES.map((suite) => suite.version));
const anyContext: fc.Arbitrary<Context> = fc.record({
  purpose: fc.oneof(fc.constantFrom('session', 'successor', 'sealed'), anyText),
  store: fc.oneof(fc.constantFrom('cookie', 'postgres', 'memory', 'sealer'), anyText),
  name: fc.oneof(fc.constantFrom('__Host-sid', 'sid', 'sessions'), anyText),
  tenant: anyText,
  audience: anyText,
  rowKey: fc.oneof(fc.constant(NO_ROW), bytesOf(32)),
});
const anyKeys: fc.Arbitrary<Key[]> = fc
  .tuple(
    fc.uniqueArray(bytesOf(32), { minLength: 1, maxLength: 3, selector: (bytes) => bytes.toString('hex') }),
    fc.oneof(fc.constant('default'), anyText),
  )
  .map(([keys, ring]) => keys.map((bytes) => ({ bytes, ring })));

const EDGES = [0, 1, 15, 16, 17, 16_384, 50_000, 1_048_576];
const stream = (seed: number, length: number) =>
  createHash('shake256', { outputLength: Math.max(1, length) })
    .update(String(seed))
    .digest()
    .subarray(0, length);
const anyPlaintext = fc.oneof(
  { weight: 15, arbitrary: fc.tuple(fc.nat(), fc.nat(2000)).map(([seed, length]) => stream(seed, length)) },
  { weight: 15, arbitrary: anyText.map((text) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.constantFrom(...EDGES)).map(([seed, length]) => stream(seed, length)),
  },
);

const anyMoment = fc.integer({ min: 0, max: 0xffff_ffff });
const anyFrame: fc.Arbitrary<Frame> = fc.record({
  id: bytesOf(16),
  created: anyMoment,
  issued: anyMoment,
  deadline: anyMoment,
  idle: anyMoment,
  authenticated: anyMoment,
  generation: anyMoment,
});
const anyObject = fc
  .dictionary(anyText, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);
const anyPayload: fc.Arbitrary<Payload> = fc.record(
  {
    u: fc.oneof(anyText, fc.maxSafeInteger()),
    d: anyObject,
    f: anyObject,
    s: anyText,
    c: anyMoment,
  },
  { requiredKeys: [] },
);
const anySmallPayload: fc.Arbitrary<Payload> = fc.record(
  {
    u: anyText,
    d: fc.dictionary(
      anyName.filter((key) => key !== '__proto__'),
      anyText,
      { maxKeys: 3 },
    ),
    s: anyText,
  },
  { requiredKeys: [] },
);

async function ringOf(keys: readonly Key[]): Promise<KeyRing> {
  const secrets = keys.map(({ bytes }) => ({ kind: 'raw' as const, bytes: Buffer.from(bytes) }));
  return new KeyRingFactory(driver, { ring: keys[0]!.ring, salt: '' }).make(secrets);
}

async function envelopeOf(
  keys: readonly Key[],
  version: number,
  accepted: readonly number[],
): Promise<Envelope> {
  const suites = accepted.map((one) => suiteByVersion.get(one)!);
  const options = { suite: suiteByVersion.get(version)!, accepted: suites, cacheSize: 0 };
  return new Envelope(driver, { ring: await ringOf(keys) }, options);
}

const ALL = SUITES.map((suite) => suite.version);
const ours = (items: ContextItems): EnvelopeContext => new EnvelopeContext(items);

function attempt<T>(act: () => T): T | 'refused' {
  try {
    return act();
  } catch {
    return 'refused';
  }
}

const hex = (bytes: Uint8Array | string) =>
  typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('hex');

/** What both sides mean by one session, in one shape. */
const asRecord = ({ frame, payload }: { frame: Frame; payload: Payload }): SessionRecord => ({
  id: Buffer.from(frame.id),
  idIssuedAt: frame.created,
  lastSeenAt: frame.issued,
  deadline: frame.deadline,
  idleTimeout: frame.idle,
  authenticatedAt: frame.authenticated,
  generation: frame.generation,
  epoch: 0,
  subject: payload.u === undefined ? undefined : String(payload.u),
  data: (payload.d ?? {}) as JsonObject,
  flash: (payload.f ?? {}) as JsonObject,
  csrfSeed: payload.s,
  createdAt: payload.c ?? frame.created,
});

const freshFrame = (id: Uint8Array): Frame => ({
  id,
  created: NOW,
  issued: NOW,
  deadline: NOW + 600,
  idle: 300,
  authenticated: 0,
  generation: 1,
});

const check = <T extends unknown[]>(property: fc.IAsyncPropertyWithHooks<T>, numRuns: number) =>
  fc.assert(property, { numRuns });

describe('The known answers of docs/wire-format.md', () => {
  const keys = [{ bytes: Buffer.from(Array.from({ length: 32 }, (_, i) => i)), ring: 'default' }];
  const context = {
    purpose: 'session',
    store: 'cookie',
    name: '__Host-sid',
    tenant: '',
    audience: 'app.example',
    rowKey: NO_ROW,
  };
  const frame = {
    id: Buffer.alloc(16, 0xab),
    created: NOW,
    issued: NOW,
    deadline: 1_767_268_800,
    idle: 1800,
    authenticated: NOW,
    generation: 1,
  };
  const plaintext = independent.encodeSession(frame, { u: 42 });
  const EPOCH = Buffer.alloc(12, 0x11);
  const NONCE = Buffer.alloc(12, 0x22);
  const sealed = independent.sealEnvelope(keys[0]!, 0x11, plaintext, context, EPOCH, NONCE);

  it('come out of the independent implementation', () => {
    expect(hex(independent.hint(keys[0]!))).toBe('31b74615');
    expect([sealed.length, independent.toText(sealed).length]).toEqual([133, 178]);
    expect(createHash('sha256').update(sealed).digest('hex')).toBe(
      '9229fbdfc1db351cf0c62a6c973665097266561eea5aa4f4ce13593577d193d7',
    );
    expect(independent.makeCsrf(keys[0]!, 'the seed of a session', NOW, NONCE)).toBe(
      'aVW5ACIiIiIiIiIiIiIiIhXY4gG9EsI_6iJ525C51n6dOi-odo4V3pnQf9O2ueaQ',
    );
    expect(hex(independent.stretch('correct horse battery staple', 'default', ''))).toBe(
      '3ec86cd635960d9f265d2e97c62b67041fdccf18e9ce6540a1551a5b9804183d',
    );
  });

  it.each([
    {
      version: 0x11,
      commitment: '769ba03335641df0b032a2bbf9473a9ea29b3f07289b7344053f2708991861c6',
      tag: '2252ad54906de61786b6c0b184c7a3b2',
      sha256: '9229fbdfc1db351cf0c62a6c973665097266561eea5aa4f4ce13593577d193d7',
    },
    {
      version: 0x12,
      commitment: 'a732bea856901c72643ab9125afd3c26aace34475d213a9393375a2aa60e1f25',
      tag: 'bd242da9947bf61575ed3d31acd10f52',
      sha256: '518b5b99f870c4866e04227f5f49519080f414609a388367735d5ceaf0270802',
    },
    {
      version: 0x13,
      commitment: 'abef45112b076d5b3ab9242e39744e508cef48d9896a7fb0da77e50a89dfe4dd',
      tag: '103d38b7159b6418efad10107771d2c5',
      sha256: 'b5a0c2c0106d3e933034c53aaf5db64a0a41fb885e1b186d16032d57d470f895',
    },
  ])('hold for suite $version in the independent implementation', ({ version, commitment, tag, sha256 }) => {
    const bytes = independent.sealEnvelope(keys[0]!, version, plaintext, context, EPOCH, NONCE);
    expect(bytes).toHaveLength(133);
    expect(hex(bytes.subarray(29, 61))).toBe(commitment);
    expect(hex(bytes.subarray(-16))).toBe(tag);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  });

  it('open here', async () => {
    const opened = await (await envelopeOf(keys, 0x11, [0x11])).open(sealed, ours(context), NO_ROW);
    if (typeof opened === 'string') throw new Error(opened);
    expect(decodeRecord(opened.plaintext, NO_LIMIT)).toEqual(asRecord({ frame, payload: { u: 42 } }));
  });

  it.each([
    ['correct horse battery staple', 'default', ''],
    ['пароль из многих слов', 'staff', 'a salt'],
    ['sixteen bytes ok', '', ''],
  ])('stretch the passphrase "%s" of ring "%s" and salt "%s" to one key', async (passphrase, ring, salt) => {
    const secret = { kind: 'passphrase' as const, bytes: Buffer.from(passphrase) };
    const made = await new KeyRingFactory(driver, { ring, salt }).make([secret]);
    const bytes = independent.stretch(passphrase, ring, salt);
    expect(made.first.hint).toBe(independent.hint({ bytes, ring }).readUInt32BE());
  });
});

describe('Envelope', () => {
  it('opens in the independent implementation what it sealed', async () => {
    await check(
      fc.asyncProperty(
        anyKeys,
        anyVersion,
        anyContext,
        anyPlaintext,
        async (keys, version, context, plaintext) => {
          const envelope = await envelopeOf(keys, version, [version]);
          const sealed = await envelope.seal(plaintext, ours(context), Buffer.from(context.rowKey));
          expect(sealed.length).toBe(plaintext.length + 77);
          expect(hex(independent.openEnvelope(keys, [version], sealed, context))).toBe(hex(plaintext));
        },
      ),
      2500,
    );
  });

  it('opens what the independent implementation sealed, by whichever key of the ring', async () => {
    const args = [anyKeys, fc.nat(2), anyVersion, anyContext, anyPlaintext] as const;
    await check(
      fc.asyncProperty(...args, async (keys, choice, version, context, plaintext) => {
        const index = choice % keys.length;
        const sealed = independent.sealEnvelope(keys[index]!, version, plaintext, context);
        const envelope = await envelopeOf(keys, 0x11, ALL);
        const opened = await envelope.open(sealed, ours(context), Buffer.from(context.rowKey));
        if (typeof opened === 'string') throw new Error(opened);
        expect(hex(opened.plaintext)).toBe(hex(plaintext));
        expect(opened.stale).toBe(index > 0 || version !== 0x11);
      }),
      2500,
    );
  });

  it.each(ALL.flatMap((version) => EDGES.map((length) => [version, length] as const)))(
    'of suite %i seals %i bytes as the independent implementation does',
    async (version, length) => {
      const keys = [{ bytes: stream(version, 32), ring: 'default' }];
      const context = { purpose: 'a', store: 'b', name: 'c', tenant: '', audience: '', rowKey: NO_ROW };
      const plaintext = stream(length, length);
      const envelope = await envelopeOf(keys, version, [version]);
      const sealed = await envelope.seal(plaintext, ours(context), NO_ROW);
      expect(hex(independent.openEnvelope(keys, [version], sealed, context))).toBe(hex(plaintext));
      const [epoch, nonce] = [sealed.subarray(5, 17), sealed.subarray(17, 29)];
      const again = independent.sealEnvelope(keys[0]!, version, plaintext, context, epoch, nonce);
      expect(hex(again)).toBe(hex(sealed));
      for (const cut of [1, 16, 17]) {
        const shorter = sealed.subarray(0, -cut);
        expect(attempt(() => independent.openEnvelope(keys, [version], shorter, context))).toBe('refused');
        expect(await envelope.open(shorter, ours(context), NO_ROW)).toBeTypeOf('string');
      }
    },
  );

  it('of any other version or of a suite that is not enabled is refused on both sides', async () => {
    const keys = [{ bytes: stream(1, 32), ring: 'default' }];
    const context = { purpose: 'a', store: 'b', name: 'c', tenant: '', audience: '', rowKey: NO_ROW };
    const sealed = independent.sealEnvelope(keys[0]!, 0x11, stream(2, 100), context);
    const envelope = await envelopeOf(keys, 0x11, [0x11]);
    const chacha20 = independent.sealEnvelope(keys[0]!, 0x12, stream(2, 100), context);
    const unknown = Array.from({ length: 256 }, (_, version) =>
      Buffer.concat([Buffer.of(version), sealed.subarray(1)]),
    );
    for (const other of [chacha20, ...unknown.filter((bytes) => bytes[0] !== 0x11)]) {
      expect(await envelope.open(other, ours(context), NO_ROW)).toBe('version');
      expect(attempt(() => independent.openEnvelope(keys, [0x11], other, context))).toBe('refused');
    }
  });

  it('is refused on both sides when any one item of the context differs', async () => {
    const args = [anyKeys, anyVersion, anyContext, anyPlaintext, fc.nat(7)] as const;
    await check(
      fc.asyncProperty(...args, async (keys, version, context, plaintext, item) => {
        const other = differing(context, item);
        const envelope = await envelopeOf(keys, version, ALL);
        const [row, otherRow] = [Buffer.from(context.rowKey), Buffer.from(other.rowKey)];
        const theirs = independent.sealEnvelope(keys[0]!, version, plaintext, context);
        const mine = await envelope.seal(plaintext, ours(context), row);
        if (item === 0) for (const sealed of [theirs, mine]) sealed[0]! ^= 0x03;
        expect(await envelope.open(theirs, ours(other), otherRow)).toBeTypeOf('string');
        expect(attempt(() => independent.openEnvelope(keys, ALL, mine, other))).toBe('refused');
        if (item === 0) return;
        const token = independent.rowKeyOf(plaintext);
        const tokens = new ReferenceTokens({ ring: await ringOf(keys) }, ours(context));
        const text = independent.toText(
          independent.makeReference(keys[0]!, token, { ...other, rowKey: NO_ROW }),
        );
        if (item === 6) return;
        expect(tokens.read(text)).toBe('tag');
        expect(
          attempt(() => independent.readReference(keys, tokens.write(token), { ...other, rowKey: NO_ROW })),
        ).toBe('refused');
      }),
      1000,
    );
  });
});

/** The context with one item changed; item 0, the header, is changed by the caller; 7 is the same bytes cut elsewhere. */
function differing(context: Context, item: number): Context {
  const names = ['purpose', 'store', 'name', 'tenant', 'audience'] as const;
  const name = names[item - 1];
  if (name) return { ...context, [name]: context[name] ? context[name].slice(0, -1) : 'x' };
  if (item === 6) return { ...context, rowKey: context.rowKey.length ? NO_ROW : Buffer.alloc(32) };
  if (item === 7) return shifted(context);
  return context;
}

function shifted(context: Context): Context {
  const { purpose, store } = context;
  return purpose
    ? { ...context, purpose: purpose.slice(0, -1), store: purpose.slice(-1) + store }
    : { ...context, purpose: 'x' };
}

describe('Record', () => {
  it('reads the same in both implementations, whichever wrote it', async () => {
    await check(
      fc.asyncProperty(anyFrame, anyPayload, async (frame, payload) => {
        const expected = asRecord({ frame, payload });
        for (const plaintext of [
          independent.encodeSession(frame, payload),
          encodeRecord(expected, NO_LIMIT),
        ]) {
          const theirs = attempt(() => independent.decodeSession(plaintext));
          const mine = decodeRecord(plaintext, NO_LIMIT);
          if (theirs === 'refused') expect(mine).toBeTypeOf('string');
          else expect([asRecord(theirs), mine]).toEqual([expected, expected]);
        }
      }),
      1500,
    );
  });

  it('lives at the same moments in both implementations', () => {
    const created = 100;
    let alive = 0;
    for (const issued of [99, 100, 101])
      for (const deadline of [0, 101, 102, 103])
        for (const idle of [0, 1, 2, 3])
          for (const now of [39, 40, 41, 100, 101, 102, 103, 104]) {
            const frame = { ...freshFrame(Buffer.alloc(16)), created, issued, deadline, idle };
            const lives = isAlive(asRecord({ frame, payload: {} }), now, NO_TIMEOUTS);
            expect(lives).toBe(independent.isAlive(frame, now));
            alive += Number(lives);
          }
    expect(alive).toBeGreaterThan(50);
  });

  const nested = (levels: number) => `{"d":{"a":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;
  it.each([
    ['{}', true],
    ['{"u":42}', true],
    ['{"u":"42","d":{},"f":{},"s":"x","c":5}', true],
    [' {"d" : {"constructor" : 1, "prototype" : {}}} ', true],
    [nested(34), true],
    [nested(35), false],
    ['{"d":{"__proto__":1}}', false],
    ['{"d":{"\\u005f_proto__":1}}', false],
    ['{"__proto__":1}', false],
    ['{"d":{"a":[{"constructor":{"prototype":1}}]}}', false],
    ['{"constructor":{"prototype":1}}', false],
    ['[]', false],
    ['null', false],
    ['', false],
    ['{"d":[]}', false],
    ['{"f":1}', false],
    ['{} {}', false],
  ])('agrees on the payload %s', (json, fine) => {
    const head = independent.encodeSession(freshFrame(Buffer.alloc(16)), {}).subarray(0, 48);
    const plaintext = Buffer.concat([head, Buffer.from(json)]);
    expect(typeof attempt(() => independent.decodeSession(plaintext)) === 'object').toBe(fine);
    expect(typeof decodeRecord(plaintext, NO_LIMIT) === 'object').toBe(fine);
  });

  it('agrees on every bit of format, flags and padding', () => {
    const plaintext = independent.encodeSession(freshFrame(Buffer.alloc(16)), {});
    for (const at of [0, 1, 46, 47])
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(plaintext);
        changed[at]! ^= 1 << bit;
        const fine = at === 1 && bit < 2;
        expect(typeof attempt(() => independent.decodeSession(changed)) === 'object').toBe(fine);
        expect(typeof decodeRecord(changed, NO_LIMIT) === 'object').toBe(fine);
      }
  });
});

describe('CSRF token', () => {
  it('is accepted by each implementation when the other has made it, and for no other seed, key or time', async () => {
    const args = [anyKeys, anyText, anyText, anyMoment, bytesOf(12)] as const;
    await check(
      fc.asyncProperty(...args, async (keys, seed, other, time, nonce) => {
        const tokens = new CsrfTokens({ ring: await ringOf(keys) });
        const read = (text: string, by: string, now = time, own = keys) =>
          attempt(() => independent.readCsrf(own, text, by, now, 7200));
        for (const text of [tokens.make(seed, time), independent.makeCsrf(keys.at(-1)!, seed, time, nonce)]) {
          expect([read(text, seed), tokens.timeOf(text, seed)]).toEqual([time, time]);
          const isSame = Buffer.from(other).equals(Buffer.from(seed));
          if (!isSame)
            expect([read(text, other), tokens.timeOf(text, other)]).toEqual(['refused', undefined]);
          expect([read(text, seed, time + 7199), read(text, seed, time + 7200)]).toEqual([time, 'refused']);
          expect([read(text, seed, time - 60), read(text, seed, time - 61)]).toEqual([time, 'refused']);
        }
        const stranger = [{ bytes: Buffer.alloc(32, 0x5a), ring: keys[0]!.ring }];
        const foreign = independent.makeCsrf(stranger[0]!, seed, time, nonce);
        expect([read(foreign, seed, time, stranger), tokens.timeOf(foreign, seed)]).toEqual([
          time,
          undefined,
        ]);
      }),
      500,
    );
  });
});

describe('Reference token', () => {
  it('is the same text in both implementations and opens in both', async () => {
    await check(
      fc.asyncProperty(anyKeys, anyContext, bytesOf(32), async (keys, items, token) => {
        const context = { ...items, rowKey: NO_ROW };
        const tokens = new ReferenceTokens({ ring: await ringOf(keys) }, ours(context));
        const text = tokens.write(token);
        expect(independent.toText(independent.makeReference(keys[0]!, token, context))).toBe(text);
        expect(hex(independent.readReference(keys, text, context))).toBe(hex(token));
        const older = independent.toText(independent.makeReference(keys.at(-1)!, token, context));
        expect(tokens.read(older)).toEqual({ token, stale: keys.length > 1 });
        expect(hex(ReferenceTokens.rowKey(token))).toBe(hex(independent.rowKeyOf(token)));
      }),
      1000,
    );
  });
});

describe('StoredRepository', () => {
  const args = [
    anyKeys,
    anyVersion,
    anyContext,
    anyName,
    bytesOf(16),
    bytesOf(32),
    bytesOf(32),
    anySmallPayload,
  ] as const;

  it('shares rows, successors and cookies with the independent implementation', async () => {
    await check(
      fc.asyncProperty(...args, async (keys, version, context, cookie, id, oldToken, newToken, payload) => {
        const rows = new Map<string, FoundRow>();
        const repository = await storedRepository(keys, version, context, cookie, rows);
        const tokenContext = { ...context, purpose: 'session', name: cookie, rowKey: NO_ROW };
        const inRow = (purpose: string, rowKey: Uint8Array) => ({ ...context, purpose, rowKey });
        const key = keys[0]!;
        const frame = freshFrame(id);
        const record = asRecord({ frame, payload });

        const entry = await repository.create(repository.identity(), record);
        const successor = repository.identity();
        const moved = (await repository.move(entry, successor, record, 'periodic'))!;
        const token = independent.readReference(keys, repository.cookieValue(entry), tokenContext);
        const oldKey = independent.rowKeyOf(token);
        const pointer = independent.openEnvelope(
          keys,
          [version],
          rows.get(hex(oldKey))!.sealed,
          inRow('successor', oldKey),
        );
        expect(independent.decodePointer(pointer)).toEqual({
          token: successor.token,
          movedAt: NOW,
          subject: payload.u ?? '',
        });
        const newKey = independent.rowKeyOf(
          independent.readReference(keys, repository.cookieValue(moved), tokenContext),
        );
        const session = independent.openEnvelope(
          keys,
          [version],
          rows.get(hex(newKey))!.sealed,
          inRow('session', newKey),
        );
        expect(asRecord(independent.decodeSession(session))).toEqual(record);

        fc.pre(!oldToken.equals(newToken));
        rows.clear();
        const [from, to] = [oldToken, newToken].map(independent.rowKeyOf) as [Buffer, Buffer];
        const subject = String(payload.u ?? '');
        const leading = independent.encodePointer({ token: newToken, movedAt: NOW, subject });
        keep(rows, from, independent.sealEnvelope(key, version, leading, inRow('successor', from)), 'moved');
        const sealed = independent.sealEnvelope(
          key,
          version,
          independent.encodeSession(frame, payload),
          inRow('session', to),
        );
        keep(rows, to, sealed, 'live');
        const text = independent.toText(independent.makeReference(key, oldToken, tokenContext));
        expect(recordOf(await repository.open(text))).toEqual(record);
      }),
      500,
    );
  });
});

describe('CookieRepository', () => {
  const args = [anyKeys, anyVersion, anyContext, bytesOf(16), anySmallPayload] as const;

  it('shares cookies with the independent implementation', async () => {
    await check(
      fc.asyncProperty(...args, async (keys, version, items, id, payload) => {
        const context = { ...items, purpose: 'session', store: 'cookie', rowKey: NO_ROW };
        const frame = freshFrame(id);
        const record = asRecord({ frame, payload });
        const repository = new CookieRepository({
          cookie: context.name,
          codec: new NativeCodec(await envelopeOf(keys, version, [version]), ours(context), NO_LIMIT),
          timeouts: NO_TIMEOUTS,
          now: () => NOW,
        });
        const written = repository.cookieValue(await repository.create({ key: record.id }, record));
        const opened = independent.openEnvelope(keys, [version], independent.fromText(written), context);
        expect(asRecord(independent.decodeSession(opened))).toEqual(record);
        const sealed = independent.sealEnvelope(
          keys[0]!,
          version,
          independent.encodeSession(frame, payload),
          context,
        );
        expect(recordOf(await repository.open(independent.toText(sealed)))).toEqual(record);
      }),
      500,
    );
  });
});

describe('createSealer', () => {
  const args = [
    bytesOf(32),
    anyVersion,
    fc.tuple(anyName, anyName, anyName, anyName),
    anyText,
    anyPlaintext,
  ] as const;

  it('shares values with the independent implementation', async () => {
    await check(
      fc.asyncProperty(
        ...args,
        async (bytes, version, [ring, tenant, audience, purpose], name, plaintext) => {
          const sealer = await createSealer({
            secrets: [`hex:${hex(bytes)}`],
            cipher: suiteByVersion.get(version)!.cipher as 'aes256',
            reload: { interval: 0, watch: false },
            ring,
            tenant,
            audience,
            purpose,
          });
          const key = { bytes, ring };
          const context = { purpose, store: 'sealer', name, tenant, audience, rowKey: NO_ROW };
          const text = await sealer.seal(plaintext, name);
          expect(hex(independent.openEnvelope([key], [version], independent.fromText(text), context))).toBe(
            hex(plaintext),
          );
          const sealed = independent.sealEnvelope(key, version, plaintext, context);
          expect(hex(await sealer.open(independent.toText(sealed), name))).toBe(hex(plaintext));
          sealer.close();
        },
      ),
      500,
    );
  });
});

describe('Text', () => {
  it('is read in its canonical spelling only', async () => {
    const sealer = await createSealer({
      secrets: [`hex:${hex(stream(1, 32))}`],
      reload: { interval: 0, watch: false },
    });
    for (const length of [0, 1, 2, 100]) {
      const text = await sealer.seal(stream(length, length));
      expect(hex(await sealer.open(text))).toBe(hex(stream(length, length)));
      for (const other of spellings(text)) {
        expect(attempt(() => independent.fromText(other))).toBe('refused');
        await expect(sealer.open(other)).rejects.toThrow();
      }
    }
    sealer.close();
  });
});

/** Other texts that a lax decoder turns into the same bytes. */
function spellings(text: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const bytes = Buffer.from(text, 'base64url');
  const last = alphabet[alphabet.indexOf(text.at(-1)!) + 1] ?? '';
  const loose = text.slice(0, -1) + last;
  const others = [`${text}=`, `${text}A`, ` ${text}`, `${text}\n`, bytes.toString('base64'), loose];
  return others.filter((other) => other !== text && Buffer.from(other, 'base64url').equals(bytes));
}

async function storedRepository(
  keys: readonly Key[],
  version: number,
  context: Context,
  cookie: string,
  rows: Map<string, FoundRow>,
): Promise<StoredRepository> {
  const ring = await ringOf(keys);
  return new StoredRepository({
    session: 'default',
    store: storeOver(rows),
    envelope: await envelopeOf(keys, version, [version]),
    tokens: new ReferenceTokens({ ring }, ours({ ...context, purpose: 'session', name: cookie })),
    context: ours({ ...context, purpose: 'session' }),
    successorContext: ours({ ...context, purpose: 'successor' }),
    timeouts: NO_TIMEOUTS,
    payloadLimit: NO_LIMIT,
    events: { emit: () => undefined } as unknown as SessionEvents,
    endReused: false,
    now: () => NOW,
    clock: (actual) => actual,
  });
}

/** Just enough of a store for `create`, `move` and `open`. */
function storeOver(rows: Map<string, FoundRow>): MonitoredStore {
  const create = async (row: SessionRow) => keep(rows, row.key, row.sealed, 'live');
  return {
    load: async (key: Buffer) => rows.get(hex(key)),
    create,
    move: async (oldKey: Buffer, _version: number, row: SessionRow, tombstone: Tombstone) => {
      keep(rows, oldKey, tombstone.sealed, tombstone.state);
      await create(row);
      return 'saved' as const;
    },
  } as unknown as MonitoredStore;
}

function keep(rows: Map<string, FoundRow>, key: Buffer, sealed: Buffer, state: FoundRow['state']): void {
  const now = new Date(NOW * 1000);
  const times = { createdAt: now, lastSeenAt: now, deadline: now, now };
  rows.set(hex(key), { key, sealed, subject: undefined, version: 1, state, ...times });
}

const recordOf = (found: SessionLookup) => (found.kind === 'live' ? found.entry.record : found);

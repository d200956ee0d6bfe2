import { describe, expect, it } from 'vitest';
import { KeyRingProvider } from '../../../../lib/crypto/key-ring-provider.js';
import { keySource } from '../../../../lib/crypto/key-sources/key-source.js';
import { OpensslDriver } from '../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../../../lib/crypto/key-ring-factory.js';
import type { KeySource } from '../../../../lib/crypto/key-source.interface.js';
import { PHP_SERIALIZERS } from '../../../../lib/php/index.js';
import { SharedCodec } from '../../../../lib/php/shared/shared.codec.js';
import { NativeCodec } from '../../../../lib/persistence/native.codec.js';
import type { OpenedRecord } from '../../../../lib/persistence/record-codec.interface.js';
import type { SessionRecord } from '../../../../lib/record/session-record.js';
import { context, envelopeOf } from '../../envelope/samples.js';

const LIMIT = 1000;
const ROW = Buffer.alloc(32, 1);
const NOW = 1_800_000_000;
const TIMEOUTS = {
  idleTimeout: 1440,
  absoluteTimeout: 28_800,
  regenerateInterval: 0,
  graceTime: 60,
  touchInterval: 60,
};

const source = keySource('secrets[0]', `hex:${'11'.repeat(32)}`) as KeySource;
const maker = new KeyRingFactory(new OpensslDriver(), { ring: 'default', salt: '' });
const silent = { reloaded() {}, failed() {} };
const keys = await new KeyRingProvider([source], maker, { interval: 0, watch: false }, silent).start();

const reports: string[] = [];
const codecOf = (subjectKey?: string, timeouts = TIMEOUTS) =>
  new SharedCodec({
    serializer: PHP_SERIALIZERS.php,
    subjectKey,
    timeouts,
    payloadLimit: LIMIT,
    onOtherSerializer: () => void reports.push('other serializer'),
    rowCodec: (row) => new NativeCodec(envelopeOf(keys), context(), LIMIT, row),
  });
const codec = codecOf();

async function opened(of: SharedCodec, bytes: Buffer | string, usedAt = NOW): Promise<OpenedRecord> {
  const found = await of.open(ROW, Buffer.from(bytes), usedAt);
  if (found === 'payload') throw new Error('payload');
  return found;
}

const recordOf = async (of: SharedCodec, text: string, change: Partial<SessionRecord> = {}) => ({
  ...(await opened(of, text)).record,
  ...change,
});

describe('SharedCodec', () => {
  it('reads every sealed fact again, except the time of last use, which the file has', async () => {
    const facts = {
      idIssuedAt: NOW - 50,
      createdAt: NOW - 100,
      authenticatedAt: NOW - 70,
      generation: 3,
      subject: 'ada',
      flash: { note: [1] },
      csrfSeed: 'seed',
    };
    const bytes = await codec.seal(ROW, await recordOf(codec, 'a|i:1;', facts));
    const { record, stale } = await opened(codec, bytes, NOW + 10);
    expect(record).toMatchObject({ ...facts, data: { a: 1 }, lastSeenAt: NOW + 10 });
    expect(stale).toBe(false);
  });

  it('keeps the text of the sealed part while its facts are unchanged', async () => {
    const first = await codec.seal(ROW, await recordOf(codec, 'a|i:1;'));
    const { record } = await opened(codec, first, NOW + 5);
    const data = { ...record.data, a: 2 };
    expect((await codec.seal(ROW, { ...record, data })).toString()).toBe(
      first.toString().replace('a|i:1;', 'a|i:2;'),
    );
    const flash = { note: 1 };
    expect((await codec.seal(ROW, { ...record, flash })).toString()).not.toContain(
      first.toString().split('_nsc')[1],
    );
  });

  it('opens the sealed part only for its own row', async () => {
    const bytes = await codec.seal(ROW, await recordOf(codec, 'a|i:1;', { subject: 'ada' }));
    const other = await codec.open(Buffer.alloc(32, 2), bytes, NOW);
    expect(other).toMatchObject({ stale: true, record: { subject: undefined, data: { a: 1 } } });
  });

  it('drops the seed of form tokens and the time of login if PHP logs somebody in', async () => {
    const withSubject = codecOf('user');
    const seeded = await withSubject.seal(
      ROW,
      await recordOf(withSubject, '', { csrfSeed: 'seed', flash: { note: 1 } }),
    );
    const later = await opened(withSubject, `user|s:3:"ada";${seeded.toString()}`);
    expect(later).toMatchObject({
      stale: true,
      record: { subject: 'ada', csrfSeed: undefined, authenticatedAt: 0, flash: { note: 1 } },
    });
    const logged = await withSubject.seal(ROW, { ...later.record, csrfSeed: 'new', authenticatedAt: NOW });
    const next = await opened(withSubject, logged.toString().replace('"ada"', '"bob"'));
    expect(next.record).toMatchObject({ subject: 'bob', csrfSeed: undefined, authenticatedAt: 0, flash: {} });
  });

  it.each([
    'user|b:1;',
    'user|N;',
    'user|a:1:{i:0;i:1;}',
    'user|s:0:"";',
    'user|i:0;',
    'user|d:-0;',
    'users|i:1;',
    '',
  ])('has no subject with %j', async (text) => {
    expect((await opened(codecOf('user'), text)).record.subject).toBeUndefined();
  });

  it('is stale with an absolute timeout whose beginning is not sealed', async () => {
    expect((await opened(codec, 'a|i:1;')).stale).toBe(true);
    expect((await opened(codec, '')).stale).toBe(false);
    expect((await opened(codecOf(undefined, { ...TIMEOUTS, absoluteTimeout: 0 }), 'a|i:1;')).stale).toBe(
      false,
    );
  });

  it('never reports that an id was issued after its last use', async () => {
    const bytes = await codec.seal(ROW, await recordOf(codec, 'a|i:1;'));
    expect((await opened(codec, bytes, NOW - 5)).record).toMatchObject({
      idIssuedAt: NOW - 5,
      lastSeenAt: NOW - 5,
    });
  });

  it.each([
    ['a:1:{s:1:"a";i:1;}', 1], // by php_serialize
    ['', 0],
    ['a|i:1;', 0],
    [`a|s:${LIMIT}:"${'x'.repeat(LIMIT)}";`, 0],
  ])('reports %.20s… %i times as bytes of another serializer', async (text, times) => {
    reports.length = 0;
    await codec.open(ROW, Buffer.from(text), NOW);
    expect(reports).toHaveLength(times);
  });

  it('refuses to read or write a session that is too large', async () => {
    expect(await codec.open(ROW, Buffer.from(`a|s:${LIMIT}:"${'x'.repeat(LIMIT)}";`), NOW)).toBe('payload');
    const record = await recordOf(codec, 'a|i:1;', { data: { b: 'x'.repeat(LIMIT) } });
    await expect(codec.seal(ROW, record)).rejects.toMatchObject({
      code: 'ERR_SESSION_TOO_LARGE',
      bytesByKey: { b: LIMIT + 6 },
    });
  });

  it('checks only changed keys', async () => {
    const record = await recordOf(codec, 'a|i:1;');
    expect(() => codec.check(record)).not.toThrow();
    for (const key of ['_nsc', 'a|b', '7'])
      expect(() => codec.check({ ...record, data: { ...record.data, [key]: 1 } })).toThrow(
        expect.objectContaining({ code: 'ERR_SESSION_VALUE' }),
      );
  });
});

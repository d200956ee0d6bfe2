import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readNativeEntry, writeNativeEntry } from '../../../../lib/apache/text/native-entry.js';
import type { SessionRecord } from '../../../../lib/record/session-record.js';

const key = createSecretKey(Buffer.alloc(32, 1));
const other = createSecretKey(Buffer.alloc(32, 2));
const record: SessionRecord = {
  id: Buffer.alloc(16, 7),
  idIssuedAt: 20,
  lastSeenAt: 30,
  deadline: 0,
  idleTimeout: 0,
  authenticatedAt: 25,
  generation: 2,
  epoch: 0,
  subject: 'ada',
  data: {},
  flash: { note: { a: [1] } },
  csrfSeed: 'seed',
  createdAt: 10,
};
const read = (text: string, keys = [key]) => readNativeEntry(keys, Buffer.from(text));

describe('the native entry', () => {
  it('is read back with any of the keys', () => {
    const text = writeNativeEntry(key, record, ['cart']);
    expect(text).toMatch(/^[\w-]+$/);
    const { id, createdAt, idIssuedAt, lastSeenAt, authenticatedAt, generation, subject, flash, csrfSeed } =
      record;
    expect(read(text, [other, key])).toEqual({
      id,
      createdAt,
      idIssuedAt,
      lastSeenAt,
      authenticatedAt,
      generation,
      subject,
      flash,
      csrfSeed,
      json: new Set(['cart']),
    });
    expect(read(text, [other])).toBeUndefined();
    expect(read(text, [])).toBeUndefined();
  });

  it('leaves out members that have their default', () => {
    const plain = {
      ...record,
      idIssuedAt: 10,
      authenticatedAt: 0,
      generation: 0,
      subject: undefined,
      flash: {},
      csrfSeed: undefined,
    };
    const text = writeNativeEntry(key, plain, []);
    expect(Buffer.from(text, 'base64url').toString('utf8', 16)).toBe(
      `{"i":"${record.id.toString('base64url')}","b":10,"t":30}`,
    );
    expect(read(text)).toMatchObject({
      idIssuedAt: 10,
      authenticatedAt: 0,
      generation: 0,
      subject: undefined,
      flash: {},
    });
  });

  it('does not open with any bit flipped', () => {
    const bytes = Buffer.from(writeNativeEntry(key, record, []), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(read(flipped.toString('base64url'))).toBeUndefined();
    }
  });

  it('does not open when it is cut off', () => {
    const bytes = Buffer.from(writeNativeEntry(key, record, []), 'base64url');
    for (let length = 0; length < bytes.length; length++)
      expect(read(bytes.subarray(0, length).toString('base64url'))).toBeUndefined();
  });

  it.each(['', '\0', '\xff\xfe', '%', '='.repeat(40), 'A'.repeat(10_000)])(
    'is not %j, and nothing throws',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});

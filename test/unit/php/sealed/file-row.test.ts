import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeFileRow, encodeFileRow, type FileRow } from '../../../../lib/php/sealed/file-row.js';

const row = (part: Partial<FileRow> = {}): FileRow => ({
  key: Buffer.alloc(32, 7),
  id: 'ab'.repeat(16),
  version: 3,
  state: 'live',
  subject: 'ada ✓',
  createdAt: new Date(1_700_000_000_123),
  lastSeenAt: new Date(1_700_000_100_000),
  deadline: new Date(8.64e15),
  sealed: Buffer.from([0, 1, 255]),
  ...part,
});

describe('The row of a file', () => {
  it.each([
    ['every field', row()],
    ['no subject', row({ subject: undefined })],
    ['an empty subject, which counts as one', row({ subject: '' })],
    ['a tombstone without payload', row({ state: 'ended', sealed: Buffer.alloc(0) })],
    ['the largest version', row({ version: 0xffff_ffff })],
  ])('is read again with %s', (_, written) => {
    expect(decodeFileRow(encodeFileRow(written), written.key)).toEqual(written);
  });

  it('is undefined if it is cut off anywhere, or longer than its lengths', () => {
    const bytes = encodeFileRow(row());
    for (let length = 0; length < bytes.length; length++)
      expect(decodeFileRow(bytes.subarray(0, length), row().key)).toBeUndefined();
    expect(decodeFileRow(Buffer.concat([bytes, Buffer.alloc(1)]), row().key)).toBeUndefined();
  });

  it('is undefined under another key', () => {
    expect(decodeFileRow(encodeFileRow(row()), Buffer.alloc(32, 8))).toBeUndefined();
  });

  it.each([
    ['magic', 0, 0x00],
    ['format', 4, 0x02],
    ['state', 5, 0x04],
    ['reserved bytes', 7, 0x01],
    ['reserved bytes after the times', 87, 0x01],
    ['created', 60, 0x7f],
    ['subject length', 88, 0x01],
    ['sealed length', 92, 0xff],
    ['UTF-8 of the subject', 96, 0xff],
  ])('is undefined with a wrong %s', (_, at, byte) => {
    const bytes = encodeFileRow(row());
    bytes[at] = byte;
    expect(decodeFileRow(bytes, row().key)).toBeUndefined();
  });

  it('is undefined with the version 0, and with a time that is not a number', () => {
    const bytes = encodeFileRow(row({ version: 0 }));
    expect(decodeFileRow(bytes, row().key)).toBeUndefined();
    expect(decodeFileRow(encodeFileRow(row({ deadline: new Date(Number.NaN) })), row().key)).toBeUndefined();
  });

  it('is undefined for random bytes, and reading them never throws', () => {
    for (let i = 0; i < 2000; i++) {
      const bytes = Buffer.concat([encodeFileRow(row()).subarray(0, i % 97), randomBytes(i % 150)]);
      expect(decodeFileRow(bytes, row().key)).toBeUndefined();
    }
  });
});

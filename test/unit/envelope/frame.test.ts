import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, FRAME_LENGTH, type Frame } from '../../../lib/envelope/frame.js';

const seconds = fc.nat({ max: 0xffffffff });
const frames: fc.Arbitrary<Frame> = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
  idIssuedAt: seconds,
  lastSeenAt: seconds,
  deadline: seconds,
  idleTimeout: seconds,
  authenticatedAt: seconds,
  generation: seconds,
  epoch: seconds,
});

const KNOWN: Frame = {
  id: Buffer.alloc(16, 0xab),
  idIssuedAt: 1,
  lastSeenAt: 2,
  deadline: 3,
  idleTimeout: 4,
  authenticatedAt: 5,
  generation: 6,
  epoch: 0xffffffff,
};

describe('The frame', () => {
  it('has the layout of security.md 4.4', () => {
    expect(encodeFrame(KNOWN, '{}').toString('hex')).toBe(
      `0100${'ab'.repeat(16)}000000010000000200000003000000040000000500000006ffffffff00007b7d`,
    );
  });

  it('is the same after encoding and decoding', () => {
    fc.assert(
      fc.property(frames, fc.string({ unit: 'grapheme' }), (frame, payload) => {
        expect(decodeFrame(encodeFrame(frame, payload))).toEqual({ frame, payload: Buffer.from(payload) });
      }),
    );
  });

  it('is refused when it is too short', () => {
    const bytes = encodeFrame(KNOWN, '');
    expect(bytes).toHaveLength(FRAME_LENGTH);
    for (let length = 0; length < FRAME_LENGTH; length++)
      expect(decodeFrame(bytes.subarray(0, length))).toBe('frame');
    expect(decodeFrame(bytes)).not.toBe('frame');
  });

  it.each([
    { what: 'another format', at: 0, value: 2 },
    { what: 'no format', at: 0, value: 0 },
    { what: 'another codec', at: 1, value: 0b100 },
    { what: 'the other codec', at: 1, value: 0b1000 },
    { what: 'padding announced', at: 1, value: 0b1_0000 },
    { what: 'a reserved flag', at: 1, value: 0b1000_0000 },
    { what: 'a padding length', at: 47, value: 1 },
    { what: 'a large padding length', at: 46, value: 1 },
  ])('is refused with $what', ({ at, value }) => {
    const bytes = encodeFrame(KNOWN, '{}');
    bytes[at] = value;
    expect(decodeFrame(bytes)).toBe('frame');
  });

  it.each([0b01, 0b10, 0b11])('is read with the known flags %i', (flags) => {
    const bytes = encodeFrame(KNOWN, '{}');
    bytes[1] = flags;
    expect(decodeFrame(bytes)).toMatchObject({ frame: KNOWN });
  });

  it('returns an id that outlives the bytes', () => {
    const bytes = encodeFrame(KNOWN, '');
    const decoded = decodeFrame(bytes) as { frame: Frame };
    bytes.fill(0);
    expect(decoded.frame.id).toEqual(KNOWN.id);
  });
});

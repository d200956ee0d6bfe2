import { describe, expect, it } from 'vitest';
import {
  decodeEpoch,
  decodeId,
  encodeEnded,
  encodeEpoch,
  encodeGenerations,
  subjectHash,
} from '../../../../lib/persistence/marks/mark-content.js';

describe('the content of marks', () => {
  it('is read as it was written', () => {
    const subject = subjectHash('ada');
    expect(decodeId(encodeEnded({ at: 5 }))).toEqual({ kind: 'ended', at: 5, subject: undefined });
    expect(decodeId(encodeEnded({ at: 5, subject }))).toEqual({ kind: 'ended', at: 5, subject });
    const successor = Buffer.alloc(16, 3);
    for (const mark of [
      { at: 5, successor },
      { at: 5, successor, subject },
    ])
      expect(decodeId(encodeEnded(mark))).toEqual({ kind: 'ended', ...mark });
    const generations = { generation: 9, moments: [30, 20, 10] };
    expect(decodeId(encodeGenerations(generations))).toEqual({ kind: 'generations', ...generations });
    for (const [kept, longestLife] of [[], [Buffer.alloc(16, 7)], [undefined, 0xffffffff]] as const) {
      const epoch = { epoch: 4_000_000_000, keptFrom: 2, kept, longestLife };
      expect(decodeEpoch(encodeEpoch(epoch))).toEqual(epoch);
    }
  });

  it('keeps the last eight moments', () => {
    const moments = Array.from({ length: 20 }, (_, i) => 100 - i);
    expect(decodeId(encodeGenerations({ generation: 20, moments }))).toMatchObject({
      moments: moments.slice(0, 8),
    });
  });

  it.each([
    Buffer.alloc(0),
    Buffer.of(1),
    Buffer.of(2, 0, 0),
    Buffer.of(9, 0, 0, 0, 1),
    Buffer.of(3, 0, 0, 0, 1),
  ])('ends sessions where nobody of ours has written it: %j', (bytes) => {
    expect(decodeId(bytes)).toMatchObject({ kind: 'ended' });
    expect(decodeEpoch(bytes)).toEqual({
      epoch: 0xffffffff,
      keptFrom: 0xffffffff,
      kept: undefined,
      longestLife: undefined,
    });
  });

  it('is nothing where there is none', () => {
    expect([decodeId(undefined), decodeEpoch(undefined)]).toEqual([undefined, undefined]);
  });
});

import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { nextToken, randomToken } from '../../../lib/remember-me/remember-token.js';
import {
  beginSeries,
  decodeSeries,
  encodeSeries,
  stateOf,
  replaceToken,
  type Series,
} from '../../../lib/remember-me/series.js';

const NOW = 1_767_225_600;
const DAY = 86_400;
const GRACE = 60;

function used() {
  const first = randomToken();
  const series = beginSeries(first, 'ada', NOW, DAY);
  return { first, series, after: replaceToken(series, first, NOW + 100) };
}

describe('a series', () => {
  it('begins with a token that logs in, until its deadline', () => {
    const token = randomToken();
    const series = beginSeries(token, 'ada', NOW, DAY);
    expect(stateOf(series, token, NOW, GRACE)).toBe('current');
    expect(stateOf(series, token, NOW + DAY - 1, GRACE)).toBe('current');
    expect(stateOf(series, token, NOW + DAY, GRACE)).toBe('expired');
  });

  it('accepts the replaced token for the grace time, and calls it stolen afterwards', () => {
    const { first, after } = used();
    expect(stateOf(after.series, after.token, NOW + 100, GRACE)).toBe('current');
    expect(stateOf(after.series, first, NOW + 100, GRACE)).toBe('previous');
    expect(stateOf(after.series, first, NOW + 159, GRACE)).toBe('previous');
    expect(stateOf(after.series, first, NOW + 160, GRACE)).toBe('stolen');
    expect(stateOf(after.series, first, NOW + 100, 0)).toBe('stolen');
  });

  it('calls every other token stolen, also at its beginning', () => {
    const { first, series, after } = used();
    const twice = replaceToken(after.series, after.token, NOW + 101);
    expect(stateOf(twice.series, first, NOW + 101, GRACE)).toBe('stolen');
    expect(stateOf(series, { ...first, secret: Buffer.alloc(32) }, 0, GRACE)).toBe('stolen');
  });

  it('contains the salt that leads from the replaced token to the current one', () => {
    const { first, after } = used();
    expect(nextToken(first, after.series.salt)).toEqual(after.token);
  });

  it('keeps its deadline at a use, unless a lifetime is passed', () => {
    const { series, first, after } = used();
    expect([after.series.deadline, after.series.createdAt]).toEqual([series.deadline, NOW]);
    expect(replaceToken(series, first, NOW + 100, DAY).series.deadline).toBe(NOW + 100 + DAY);
  });

  it('never ends later than 32 bits can hold', () => {
    expect(beginSeries(randomToken(), 'ada', NOW, 2 ** 33).deadline).toBe(0xffffffff);
  });
});

const seconds = fc.nat({ max: 0xffffffff });
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((all) => Buffer.from(all));
const anySeries: fc.Arbitrary<Series> = fc.record({
  subject: fc.string({ unit: 'grapheme', minLength: 1 }),
  createdAt: seconds,
  deadline: seconds,
  replacedAt: seconds,
  current: bytes,
  previous: bytes,
  salt: bytes,
  begun: fc.option(bytes, { nil: undefined }),
});

describe('the bytes of a series', () => {
  it('decode to the same series', () => {
    fc.assert(
      fc.property(anySeries, (series) => {
        expect(decodeSeries(encodeSeries(series))).toEqual(series);
      }),
    );
  });

  it('do not decode if they are cut, of another format or without a subject in UTF-8', () => {
    const whole = encodeSeries(used().series);
    const broken = [
      ...Array.from({ length: whole.length - 3 }, (_, length) => whole.subarray(0, length)),
      Buffer.concat([Buffer.of(2), whole.subarray(1)]),
      Buffer.concat([Buffer.of(3), whole.subarray(1)]),
      Buffer.concat([whole, Buffer.of(0xff)]),
    ];
    expect(broken).toHaveLength(112);
    for (const one of broken) expect(decodeSeries(one)).toBeUndefined();
  });
});

import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import {
  endOf,
  isAlive,
  isRegenerationDue,
  isTouchDue,
  pointerDeadline,
  rowDeadline,
  toDate,
  toSeconds,
  type SessionTimeouts,
} from '../../../lib/record/session-lifetime.js';
import { emptyRecord, type SessionRecord } from '../../../lib/record/session-record.js';

const NOW = 1_767_225_600;
const NEVER = 0xffffffff;
const timeouts = (changes: Partial<SessionTimeouts> = {}): SessionTimeouts => ({
  idleTimeout: 1440,
  absoluteTimeout: 28_800,
  regenerateInterval: 900,
  graceTime: 60,
  touchInterval: 60,
  ...changes,
});
const record = (changes: Partial<SessionRecord> = {}): SessionRecord => ({
  ...emptyRecord(NOW, 1440, 28_800),
  ...changes,
});

describe('endOf', () => {
  it.each([
    { what: 'idle, as both say', ends: 1440 },
    { what: 'idle, as sealed', record: { idleTimeout: 100 }, ends: 100 },
    { what: 'idle, as configured', timeouts: { idleTimeout: 100 }, ends: 100 },
    { what: 'idle, as sealed alone', record: { idleTimeout: 100 }, timeouts: { idleTimeout: 0 }, ends: 100 },
    {
      what: 'idle, as configured alone',
      record: { idleTimeout: 0 },
      timeouts: { idleTimeout: 100 },
      ends: 100,
    },
    { what: 'idle, from the last issue', record: { lastSeenAt: NOW + 500 }, ends: 1940 },
    { what: 'its deadline', record: { lastSeenAt: NOW + 28_000 }, ends: 28_800 },
    { what: 'its sealed deadline', record: { deadline: NOW + 50 }, ends: 50 },
    { what: 'a shorter configured deadline', timeouts: { absoluteTimeout: 70 }, ends: 70 },
    {
      what: 'a deadline that counts from login',
      record: { authenticatedAt: NOW + 1000, deadline: 0, idleTimeout: 0 },
      timeouts: { idleTimeout: 0, absoluteTimeout: 500 },
      ends: 1500,
    },
    {
      what: 'a deadline that counts from the beginning, not from the last id',
      record: { idIssuedAt: NOW + 900, createdAt: NOW, deadline: 0, idleTimeout: 0 },
      timeouts: { idleTimeout: 0, absoluteTimeout: 500 },
      ends: 500,
    },
    {
      what: 'never',
      record: { deadline: 0, idleTimeout: 0 },
      timeouts: { idleTimeout: 0, absoluteTimeout: 0 },
      ends: NEVER - NOW,
    },
  ])('is reached by $what', ({ record: sealed, timeouts: configured, ends }) => {
    expect(endOf(record(sealed), timeouts(configured)) - NOW).toBe(ends);
  });

  it('is never later than any limit allows', () => {
    const limit = fc.oneof(fc.constant(0), fc.nat({ max: 100_000 }));
    fc.assert(
      fc.property(limit, limit, limit, limit, (idle, absolute, sealedIdle, sealedDeadline) => {
        const one = record({ idleTimeout: sealedIdle, deadline: sealedDeadline && NOW + sealedDeadline });
        const end = endOf(one, timeouts({ idleTimeout: idle, absoluteTimeout: absolute })) - NOW;
        for (const each of [idle, absolute, sealedIdle, sealedDeadline])
          if (each) expect(end).toBeLessThanOrEqual(each);
      }),
    );
  });
});

describe('isAlive', () => {
  it.each([
    { what: 'at its beginning', now: NOW, alive: true },
    { what: 'a second before it ends', now: NOW + 1439, alive: true },
    { what: 'when it ends', now: NOW + 1440, alive: false },
    { what: 'issued a minute ahead of this clock', now: NOW - 60, alive: true },
    { what: 'issued more than a minute ahead', now: NOW - 61, alive: false },
    { what: 'made after it was issued', record: { idIssuedAt: NOW + 1 }, now: NOW + 2, alive: false },
    {
      what: 'past its deadline though in use',
      record: { lastSeenAt: NOW + 28_799 },
      now: NOW + 28_800,
      alive: false,
    },
    {
      what: 'without limits, in a century',
      record: { deadline: 0, idleTimeout: 0 },
      timeouts: { idleTimeout: 0, absoluteTimeout: 0 },
      now: NEVER - 1,
      alive: true,
    },
  ])('says $alive $what', ({ record: sealed, timeouts: configured, now, alive }) => {
    expect(isAlive(record(sealed), now, timeouts(configured))).toBe(alive);
  });

  it('never comes back to life', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), fc.nat({ max: 100_000 }), (one, two) => {
        const [early, late] = [NOW + Math.min(one, two), NOW + Math.max(one, two)];
        if (!isAlive(record(), early, timeouts())) expect(isAlive(record(), late, timeouts())).toBe(false);
      }),
    );
  });
});

describe('What is due', () => {
  it.each([
    { after: 59, touchInterval: 60, due: false },
    { after: 60, touchInterval: 60, due: true },
    { after: 1e9, touchInterval: 0, due: false },
    { after: -5, touchInterval: 60, due: false },
  ])('is a touch: $due after $after s of $touchInterval', ({ after, touchInterval, due }) => {
    expect(isTouchDue(record(), NOW + after, timeouts({ touchInterval }))).toBe(due);
  });

  it.each([
    { after: 899, regenerateInterval: 900, due: false },
    { after: 900, regenerateInterval: 900, due: true },
    { after: 1e9, regenerateInterval: 0, due: false },
  ])(
    'is a regeneration: $due after $after s of $regenerateInterval',
    ({ after, regenerateInterval, due }) => {
      expect(
        isRegenerationDue(record({ lastSeenAt: NOW + 5000 }), NOW + after, timeouts({ regenerateInterval })),
      ).toBe(due);
    },
  );
});

describe('rowDeadline', () => {
  it('is the end, rounded up to the hour', () => {
    expect(rowDeadline(record(), timeouts())).toEqual(toDate(NOW + 3600));
    expect(
      rowDeadline(record({ deadline: NOW + 3600, idleTimeout: 3600 }), timeouts({ idleTimeout: 0 })),
    ).toEqual(toDate(NOW + 3600));
    expect(rowDeadline(record({ lastSeenAt: NOW + 3000 }), timeouts())).toEqual(toDate(NOW + 7200));
  });

  it('is the last moment that a frame can say when there is no end', () => {
    const endless = timeouts({ idleTimeout: 0, absoluteTimeout: 0 });
    expect(rowDeadline(record({ deadline: 0, idleTimeout: 0 }), endless)).toEqual(toDate(NEVER));
  });
});

describe('pointerDeadline', () => {
  const DAY = 86_400;
  const endless = timeouts({ absoluteTimeout: 0 });

  it("is the successor's absolute end, however short its idle timeout is", () => {
    expect(pointerDeadline(record(), NOW, timeouts())).toEqual(toDate(NOW + 28_800));
    expect(pointerDeadline(record({ deadline: NOW + 3600 }), NOW, timeouts())).toEqual(toDate(NOW + 3600));
  });

  it('is a day away, or the idle timeout if that is longer, where there is no absolute end', () => {
    const long = record({ deadline: 0, idleTimeout: 2 * DAY });
    expect(pointerDeadline(record({ deadline: 0 }), NOW, endless)).toEqual(toDate(NOW + DAY));
    expect(pointerDeadline(long, NOW, { ...endless, idleTimeout: 2 * DAY })).toEqual(toDate(NOW + 2 * DAY));
  });

  it.each([
    { idle: DAY, rows: 96, most: 99 },
    { idle: 7 * DAY, rows: 672, most: 675 },
    { idle: 30 * DAY, rows: 2880, most: 2883 },
  ])('leaves $rows old rows of a session that is used all the time, as docs/stores.md says', (one) => {
    const rowsAt = (now: number): number => {
      let rows = 0;
      for (let at = now; at > now - 2 * one.idle; at -= endless.regenerateInterval) {
        const successor = record({ deadline: 0, idleTimeout: one.idle, idIssuedAt: at, lastSeenAt: at });
        if (pointerDeadline(successor, at, { ...endless, idleTimeout: one.idle }) > toDate(now)) rows++;
      }
      return rows;
    };
    expect([rowsAt(NOW), rowsAt(NOW + 2700)]).toEqual([one.rows, one.most]);
  });

  it('is a day away where the successor never ends, so that old rows do not pile up', () => {
    const never = record({ deadline: 0, idleTimeout: 0 });
    expect(pointerDeadline(never, NOW, { ...endless, idleTimeout: 0 })).toEqual(toDate(NOW + DAY));
  });
});

describe('Seconds', () => {
  it('are whole and rounded down', () => {
    expect(toSeconds(new Date(NOW * 1000 + 999))).toBe(NOW);
    expect(toDate(NOW)).toEqual(new Date(NOW * 1000));
  });
});

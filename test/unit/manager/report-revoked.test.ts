import { describe, expect, it } from 'vitest';
import { SessionEvents, SessionStoreError, type SessionEventMap } from 'nestjs-session-crypto';
import { reportAllRevoked, type StorePart } from '../../../lib/manager/report-revoked.js';

const rows = {} as StorePart['store'];
const cookies = { revocation: {} } as StorePart['store'];
const done = (store: StorePart['store']): StorePart => ({
  store,
  result: { status: 'fulfilled', value: undefined },
});
const failed = (store: StorePart['store'], operation: string, code: string): StorePart => ({
  store,
  result: { status: 'rejected', reason: new SessionStoreError(operation, code) },
});

function told(ended: number, parts: readonly StorePart[]): SessionEventMap['signedOut'][] {
  const events = new SessionEvents();
  const heard: SessionEventMap['signedOut'][] = [];
  events.on('signedOut', (detail) => heard.push(detail));
  reportAllRevoked({ events, name: 'default' } as never, 'ada', ended, parts);
  return heard;
}

describe('The report of many sessions that have ended', () => {
  const told0 = [{ session: 'default', id: undefined, subject: 'ada', sessions: 0, why: 'revoked' }];
  const uncounted = [{ session: 'default', id: undefined, subject: 'ada', why: 'revoked' }];

  it.each([
    ['every store has refused', [failed(rows, 'scan', 'timeout'), failed(cookies, 'load', 'timeout')]],
    ['no write has reached its store', [failed(cookies, 'replace', 'ECONNREFUSED')]],
    ['there is no store to mark it in', []],
  ])('is none where %s', (_, parts) => expect(told(0, parts)).toEqual([]));

  it('says 0 where each store that has done it counts', () =>
    expect(told(0, [done(rows), failed(rows, 'scan', 'ECONNREFUSED')])).toStrictEqual(told0));

  it.each([
    ['some are in cookies', [done(rows), done(cookies)]],
    ['the answer to a write was lost', [done(rows), failed(rows, 'destroy', 'timeout')]],
    ['nobody knows what became of a write', [failed(cookies, 'updateLocked', 'outcome unknown')]],
  ])('says no number where %s', (_, parts) => expect(told(0, parts)).toStrictEqual(uncounted));

  it('says how many stored ones have ended, whatever else has failed', () => {
    const [heard] = told(3, [failed(rows, 'destroy', 'ECONNREFUSED'), done(cookies)]);
    expect(heard!.sessions).toBe(3);
  });
});

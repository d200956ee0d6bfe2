import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../lib/cli/failure.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { SessionDriverError } from '../../../lib/errors/session-driver.error.js';
import { SessionStateError } from '../../../lib/errors/session-state.error.js';
import { SessionStoreError } from '../../../lib/errors/session-store.error.js';

describe('failureOf', () => {
  it.each([
    ['ECONNREFUSED', 69, /nobody listens at its address \(ECONNREFUSED\); check that it runs/],
    ['timeout', 75, /it does not answer in time \(timeout\); repeat the command later/],
    ['53300', 75, /no connection left \(53300\); repeat/],
    ['42501', 77, /may not do "prune" in the store \(42501\); run GRANT SELECT, INSERT, UPDATE, DELETE/],
    ['28P01', 77, /check the name and the password/],
    ['25006', 77, /the database is read-only/],
    [
      'NOPERM',
      77,
      /give it EVAL, EVALSHA and what the scripts call, on the keys that docs\/stores\.md lists/,
    ],
    ['EACCES', 77, /write in the folder/],
    ['EROFS', 77, /write in the folder/],
    ['ENOSPC', 74, /make room on its disk/],
    ['3D000', 78, /check the options of the store/],
  ])('tells an operator what a store that fails with %s means: %i', (reason, status, message) => {
    expect(failureOf(new SessionStoreError('prune', reason))).toEqual({
      status,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [new SessionConfigError([{ path: 'a', message: 'is wrong' }]), 78, 'a: is wrong'],
    [new SessionConfigError([{ path: 'a', message: 'is refused', reason: '42501' }]), 77, 'a: is refused'],
    [new SessionStateError('ERR_SESSION_GONE', 'no session'), 1, 'no session'],
    [new SessionStateError('ERR_SESSION_UNSUPPORTED', 'cannot'), 78, 'cannot'],
    [new SessionStateError('ERR_SESSION_KEY', 'no key 9'), 65, 'no key 9'],
    [new SessionDriverError('seal', 'CKR'), 69, 'The cryptographic driver is unavailable'],
    [
      Object.assign(new Error('copy'), { code: 'ERR_SESSION_STORE', operation: 'load', reason: '42501' }),
      77,
      /may not do/,
    ],
  ])('gives %s the status %i', (error, status, message) => {
    expect(failureOf(error)).toEqual({ status, message: expect.stringMatching(message) });
  });

  it.each([
    [Object.assign(new Error('password hunter2'), { code: 'EACCES' }), 77],
    [Object.assign(new Error('password hunter2'), { code: '28P01' }), 77],
    [new TypeError('password hunter2'), 70],
    ['hunter2', 70],
    [undefined, 70],
  ])('repeats nothing that somebody else has written: %#', (error, status) => {
    const failure = failureOf(error);
    expect(failure.status).toBe(status);
    expect(failure.message).not.toContain('hunter2');
  });
});

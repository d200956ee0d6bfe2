import { describe, expect, it } from 'vitest';
import { codeOf, SessionStoreError } from '../../../lib/errors/session-store.error.js';
import { EnvelopeError } from '../../../lib/errors/envelope.error.js';
import { kindOf, SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { SessionCryptoError } from '../../../lib/errors/session-crypto.error.js';
import { SessionDriverError } from '../../../lib/errors/session-driver.error.js';
import { SessionStateError, SessionTooLargeError } from '../../../lib/errors/session-state.error.js';

const FAULT = { path: 'crypto.secrets[0]', message: 'is undefined; give one' };

describe('Errors', () => {
  it.each([
    {
      error: new SessionConfigError([FAULT]),
      name: 'SessionConfigError',
      code: 'ERR_SESSION_CONFIG',
      statusCode: undefined,
    },
    {
      error: new SessionStoreError('load', 'timeout'),
      name: 'SessionStoreError',
      code: 'ERR_SESSION_STORE',
      statusCode: 503,
    },
    {
      error: new SessionStateError('ERR_SESSION_VALUE', 'no'),
      name: 'SessionStateError',
      code: 'ERR_SESSION_VALUE',
      statusCode: 500,
    },
    {
      error: new SessionStateError('ERR_SESSION_CONFLICT', 'no'),
      name: 'SessionStateError',
      code: 'ERR_SESSION_CONFLICT',
      statusCode: 409,
    },
    {
      error: new SessionStateError('ERR_SESSION_GONE', 'no'),
      name: 'SessionStateError',
      code: 'ERR_SESSION_GONE',
      statusCode: 409,
    },
    {
      error: new SessionStateError('ERR_SESSION_READONLY', 'no', 503),
      name: 'SessionStateError',
      code: 'ERR_SESSION_READONLY',
      statusCode: 503,
    },
    {
      error: new SessionTooLargeError(5, 4, {}),
      name: 'SessionTooLargeError',
      code: 'ERR_SESSION_TOO_LARGE',
      statusCode: 500,
    },
    {
      error: new SessionDriverError('open', 'CKR_DEVICE_REMOVED'),
      name: 'SessionDriverError',
      code: 'ERR_SESSION_DRIVER',
      statusCode: 503,
    },
    { error: new EnvelopeError(), name: 'EnvelopeError', code: 'ERR_ENVELOPE', statusCode: undefined },
  ])(
    'carry the stable code $code, and the status that Nest answers with',
    ({ error, name, code, statusCode }) => {
      expect(error).toBeInstanceOf(SessionCryptoError);
      expect(error).toBeInstanceOf(Error);
      expect({
        name: error.name,
        code: error.code,
        statusCode: (error as { statusCode?: number }).statusCode,
      }).toEqual({ name, code, statusCode });
    },
  );

  it('do not expose their text to the visitor', () => {
    for (const error of [
      new SessionStoreError('load', 'x'),
      new SessionStateError('ERR_SESSION_VALUE', 'x'),
      new SessionTooLargeError(2, 1, {}),
    ]) {
      expect(error.expose).toBe(false);
      expect(error.status).toBe(error.statusCode);
    }
  });
});

describe('SessionConfigError', () => {
  it('lists every fault with its path', () => {
    const error = new SessionConfigError([FAULT, { path: 'cookie.name', message: 'is too long' }]);
    expect(error.message).toBe(
      'nestjs-session-crypto cannot start, 2 faults in its options:\n' +
        '  - crypto.secrets[0]: is undefined; give one\n' +
        '  - cookie.name: is too long',
    );
    expect(error.faults).toHaveLength(2);
  });
});

describe('SessionTooLargeError', () => {
  it('contains the size, the limit and the bytes of each key, and names the largest keys for a log alone', () => {
    expect(new SessionTooLargeError(5000, 4096, { cart: 4000, theme: 20 })).toMatchObject({
      message: 'The session needs 5000 bytes, but only 4096 bytes are allowed',
      messageForLog:
        'The session needs 5000 bytes, but only 4096 bytes are allowed. ' +
        'Its largest keys, in bytes of JSON: "cart" 4000, "theme" 20',
      bytesByKey: { cart: 4000, theme: 20 },
    });
  });

  it('has a whole sentence where no key is known', () => {
    const { messageForLog } = new SessionTooLargeError(5000, 4096, {});
    expect(messageForLog).toBe('The session needs 5000 bytes, but only 4096 bytes are allowed');
  });
});

describe('SessionStoreError', () => {
  it('contains only the code of its cause', () => {
    const cause = Object.assign(new Error('duplicate key value (sealed)=(secret)'), { code: '23505' });
    const error = SessionStoreError.from('create', cause);
    expect(error).toMatchObject({
      operation: 'create',
      reason: '23505',
      message: 'The session store is unavailable',
    });
    expect(error).not.toHaveProperty('cause');
  });

  it('returns an error of this package unchanged', () => {
    const ours = new SessionStateError('ERR_SESSION_GONE', 'gone');
    expect(SessionStoreError.from('replace', ours)).toBe(ours);
  });
});

describe('codeOf', () => {
  it.each([
    { what: "a driver's error", error: { code: 'ECONNREFUSED' }, code: 'ECONNREFUSED' },
    {
      what: 'an error in a wrapper',
      error: { name: 'QueryFailedError', driverError: { code: '40001' } },
      code: '40001',
    },
    { what: 'an error without a code', error: new RangeError('secret'), code: 'RangeError' },
    { what: 'a numeric code', error: { code: 5, name: 'Odd' }, code: 'Odd' },
    { what: 'nothing', error: undefined, code: 'unknown' },
    { what: 'a text', error: 'secret', code: 'unknown' },
    {
      what: 'a sentence in the place of a code',
      error: { code: 'hunter2 is\nthe code', name: 'Odd' },
      code: 'Odd',
    },
    { what: 'a sentence in the place of a name', error: { name: 'the key is hunter2' }, code: 'unknown' },
  ])('names $what', ({ error, code }) => {
    expect(codeOf(error)).toBe(code);
  });
});

describe('kindOf', () => {
  it.each([
    { value: undefined, kind: 'undefined' },
    { value: null, kind: 'null' },
    { value: '', kind: 'an empty string' },
    { value: 'secret', kind: 'a string' },
    { value: 5, kind: 'a number' },
    { value: 5n, kind: 'a bigint' },
    { value: [], kind: 'an empty array' },
    { value: ['secret'], kind: 'an array' },
    { value: {}, kind: 'an object' },
    { value: Object.create(null), kind: 'an object' },
    { value: new Date(), kind: 'Date' },
    { value: Buffer.from('secret'), kind: 'Buffer' },
    { value: () => 'secret', kind: 'a function' },
  ])('calls it $kind', ({ value, kind }) => {
    expect(kindOf(value)).toBe(kind);
  });
});

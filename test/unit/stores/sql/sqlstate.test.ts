import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../../lib/stores/sql/sqlstate.js';

describe('an error of the database', () => {
  it.each(['08006', '53300', '57P01', '58030'])('is an outage by its class (%s)', (code) =>
    expect(meaningOf(code)).toBe('outage'),
  );

  it.each(['ECONNREFUSED', 'EPIPE', 'EPERM', 'timeout', 'Error', 'unknown', ''])(
    'is an outage without a SQLSTATE ("%s")',
    (code) => expect(meaningOf(code)).toBe('outage'),
  );

  it.each(['40001', '40P01'])('may be repeated (%s)', (code) => expect(meaningOf(code)).toBe('retry'));

  it.each([
    '22021',
    '22P05',
    '23505',
    '25006',
    '42501',
    '42P01',
    '54000',
    'XX000',
    'P0001',
    'HV000',
    'F0000',
  ])('is an answer otherwise (%s)', (code) => expect(meaningOf(code)).toBe('answer'));
});

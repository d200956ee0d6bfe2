import { describe, expect, it } from 'vitest';
import { RESULT_TYPES } from '../../../../lib/stores/sql/result-types.js';

const bytes = RESULT_TYPES.getTypeParser(17);

describe('the results of a statement', () => {
  it('have bytes in both formats of bytea_output', () => {
    expect(bytes('\\x00ff5c41')).toEqual(Buffer.from([0, 255, 92, 65]));
    expect(bytes('\\000\\377\\\\A')).toEqual(Buffer.from([0, 255, 92, 65]));
    expect(bytes('')).toEqual(Buffer.alloc(0));
  });

  it('have integers as numbers, and all else as text', () => {
    expect([20, 21, 23].map((oid) => RESULT_TYPES.getTypeParser(oid)('1767225600123'))).toEqual(
      Array(3).fill(1767225600123),
    );
    expect(RESULT_TYPES.getTypeParser(25)('7')).toBe('7');
  });
});

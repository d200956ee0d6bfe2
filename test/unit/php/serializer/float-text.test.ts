import fc from '../../../support/property.js';
import { describe, expect, it } from 'vitest';
import { floatText } from '../../../../lib/php/serializer/float-text.js';

describe('The text of a float', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-1.5, '-1.5'],
    [0.1, '0.1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [100, '100'],
    [123456.789, '123456.789'],
    [1e16, '10000000000000000'],
    [12345678901234568, '12345678901234568'],
    [99999999999999980, '99999999999999980'],
    [1e17, '1.0E+17'],
    [1.5e25, '1.5E+25'],
    [0.0001, '0.0001'],
    [0.00012345, '0.00012345'],
    [0.00001, '1.0E-5'],
    [1.25e-7, '1.25E-7'],
    [5e-324, '5.0E-324'],
    [1.7976931348623157e308, '1.7976931348623157E+308'],
    [NaN, 'NAN'],
    [Infinity, 'INF'],
    [-Infinity, '-INF'],
  ])('of %d is %s, as PHP writes it', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  it('is read again as the same float', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(floatText(value))).toBe(value);
      }),
    );
  });
});

import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { EnvelopeContext, NO_ROW } from '../../../lib/envelope/envelope-context.js';
import { context } from './samples.js';

const HEADER = Buffer.from('0131b74615', 'hex');

describe('EnvelopeContext', () => {
  it('writes all seven items in their order, empty ones too', () => {
    const expected = Buffer.concat([
      Buffer.from('000005', 'hex'),
      HEADER,
      Buffer.from('010007', 'hex'),
      Buffer.from('session'),
      Buffer.from('020006', 'hex'),
      Buffer.from('cookie'),
      Buffer.from('03000a', 'hex'),
      Buffer.from('__Host-sid'),
      Buffer.from('040000', 'hex'),
      Buffer.from('05000b', 'hex'),
      Buffer.from('app.example'),
      Buffer.from('060000', 'hex'),
    ]);
    expect(context().encode(HEADER, NO_ROW)).toEqual(expected);
  });

  it('puts the row last', () => {
    const row = Buffer.alloc(32, 5);
    expect(context().encode(HEADER, row)).toEqual(
      Buffer.concat([context().encode(HEADER, NO_ROW).subarray(0, -3), Buffer.from('060020', 'hex'), row]),
    );
  });

  it('encodes different contexts differently', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 5 });
    const whole = fc.record({ purpose: text, store: text, name: text, tenant: text, audience: text });
    const row = fc.uint8Array({ maxLength: 5 });
    fc.assert(
      fc.property(whole, row, whole, row, (one, oneRow, two, twoRow) => {
        const [a, b] = [
          new EnvelopeContext(one).encode(HEADER, oneRow),
          new EnvelopeContext(two).encode(HEADER, twoRow),
        ];
        const same = JSON.stringify([one, [...oneRow]]) === JSON.stringify([two, [...twoRow]]);
        expect(a.equals(b)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses an item that is too long for its length field', () => {
    expect(() => context({ tenant: 'x'.repeat(65_536) })).toThrow(RangeError);
    expect(context({ tenant: 'x'.repeat(65_535) }).encode(HEADER, NO_ROW).length).toBeGreaterThan(65_535);
  });
});

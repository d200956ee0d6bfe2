import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubjectColumn } from '../../../../lib/stores/sql/subject-column.js';

describe('the column of subjects', () => {
  it.each(['UTF8', 'SQL_ASCII'])('has subjects as they are in %s', (encoding) => {
    const column = new SubjectColumn(encoding);
    expect([column.write('Łucja 100%'), column.read('Łucja 100%')]).toEqual(['Łucja 100%', 'Łucja 100%']);
    expect([column.write(undefined), column.read(null)]).toEqual([null, undefined]);
  });

  it('has only ASCII in another encoding, and loses nothing', () => {
    const column = new SubjectColumn('LATIN1');
    expect(column.write('Łucja 100%')).toBe('%C5%81ucja 100%25');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (subject) => {
        const written = column.write(subject)!;
        expect(written).toMatch(/^[ -~]*$/);
        expect(column.read(written)).toBe(subject);
      }),
    );
  });

  it('reads a malformed column as it is', () => {
    expect(new SubjectColumn('LATIN1').read('100%')).toBe('100%');
  });
});

import { describe, expect, it } from 'vitest';
import { faultOfSubject, isSubject } from '../../../lib/record/subject.js';

describe('the subject of a session', () => {
  it.each(['ada', 'a', 'x'.repeat(255), 'Łucja', '山田', '😀', ' ', '\u0001'])('may be %j', (subject) =>
    expect(isSubject(subject)).toBe(true),
  );

  it.each([
    ['', 'empty'],
    ['x'.repeat(256), '256 characters'],
    ['ada\0', 'NUL'],
    ['ada\ud83d', 'surrogate'],
    ['\ude00ada', 'surrogate'],
    [7, 'a number'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('cannot be %j', (subject, why) => expect(faultOfSubject(subject)).toContain(why));

  it('is not shown in the reason', () => {
    expect(faultOfSubject('secret\0')).not.toContain('secret');
  });
});

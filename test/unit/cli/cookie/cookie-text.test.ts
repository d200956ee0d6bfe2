import { describe, expect, it } from 'vitest';
import { readCookies } from '../../../../lib/cli/cookie/cookie-text.js';

const pairs = (text: string) => readCookies(text).map(({ name, value }) => [name, value]);

describe('readCookies', () => {
  it.each<[string, string, (string | undefined)[][]]>([
    [
      'a header',
      'Cookie: a=1; b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ["a header as curl's -v prints it", '> cookie: a=1', [['a', '1']]],
    [
      'pairs without a header',
      'a=1; b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'lines of pairs',
      'a=1\nb=2\n',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a value alone', 'abc_-', [[undefined, 'abc_-']]],
    ['a value alone with padding', `${'a'.repeat(50)}==`, [[undefined, `${'a'.repeat(50)}==`]]],
    ['a value in quotes', 'a="1"', [['a', '1']]],
    ['an empty value', 'sid=', [['sid', '']]],
    ['a value with equal signs', 'a=b=c', [['a', 'b=c']]],
    ['a value that is broken into lines', 'abc\r\ndef\n', [[undefined, 'abcdef']]],
    ['a head of a response', 'HTTP/1.1 200 OK\nX: a=b\nSet-Cookie: c=d; Path=/\n', [['c', 'd']]],
    ['no text of a name', 'ü=1', [[undefined, 'ü=1']]],
  ])('reads %s', (_, text, cookies) => {
    expect(pairs(text)).toEqual(cookies);
  });

  it('keeps the attributes of a Set-Cookie line, also without its name', () => {
    const [cookie] = readCookies('sid=a; Path=/; HttpOnly; Max-Age=0');
    expect(cookie).toEqual({ name: 'sid', value: 'a', attributes: ['path=/', 'httponly', 'max-age=0'] });
  });
});

import { describe, expect, it } from 'vitest';
import { parameterOf, withoutSessionId } from '../../../../lib/http/trans-sid/query-id.js';

describe('withoutSessionId', () => {
  it.each([
    ['/p?sid=1', '/p'],
    ['/p?a=1&sid=2&b=3', '/p?a=1&b=3'],
    ['/p?sid=1&sid=2#a', '/p#a'],
    ['https://shop.example/p?%73id=1&a', 'https://shop.example/p?a'],
    ['/p?%=1&xsid=2&sidx', '/p?%=1&xsid=2&sidx'],
    ['/p#?sid=1', '/p#?sid=1'],
    ['/sid=1', '/sid=1'],
    ['', ''],
  ])('%j is %j', (address, expected) => {
    expect(withoutSessionId(address)).toBe(expected);
  });

  it('removes the parameter that is passed', () => {
    expect(withoutSessionId('/p?sid=1&PHPSESSID=2', 'PHPSESSID')).toBe('/p?sid=1');
  });
});

describe('parameterOf', () => {
  it.each([
    ['/p?sid=a%20b+c', 'a b c'],
    ['/p?x=1&sid=a&sid=b', 'a'],
    ['/p?sid', ''],
    ['/p?x=1', undefined],
    ['/p#?sid=a', undefined],
  ])('of %j is %j', (address, value) => {
    expect(parameterOf(address, 'sid')).toBe(value);
  });
});

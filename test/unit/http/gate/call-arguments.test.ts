import { describe, expect, it } from 'vitest';
import {
  callbackAmong,
  headersAmong,
  indexOfHeaders,
  toObject,
} from '../../../../lib/http/gate/call-arguments.js';

describe('the arguments of writeHead', () => {
  it.each<[unknown[], number]>([
    [[200, { a: 'b' }], 1],
    [[200, 'Fine', ['a', 'b']], 2],
    [[{ a: 'b' }], 0],
    [[200, null], -1],
    [[], -1],
  ])('%j pass their headers at %i', (args, index) => {
    expect(indexOfHeaders(args)).toBe(index);
    expect(headersAmong(args)).toBe(args[index]);
  });
});

describe('the arguments of write and end', () => {
  it('pass a callback anywhere, or none', () => {
    const callback = () => {};
    expect(callbackAmong(['a', 'utf8', callback])).toBe(callback);
    expect(callbackAmong([callback])).toBe(callback);
    expect(callbackAmong(['a', {}])).toBeUndefined();
  });
});

describe('toObject', () => {
  it('joins the values of a repeated name', () => {
    const expected = { a: ['1', '2', '3'], b: '4' };
    expect(toObject(['a', '1', 'b', '4', 'a', ['2', '3']])).toEqual(expected);
    expect(
      toObject([
        ['a', '1'],
        ['a', ['2', '3']],
        ['b', '4'],
      ]),
    ).toEqual(expected);
  });

  it('copies an object', () => {
    const headers = { a: '1' };
    expect(toObject(headers)).toEqual(headers);
    expect(toObject(headers)).not.toBe(headers);
  });

  it('returns an empty object for an empty list', () => {
    expect(toObject([])).toEqual({});
  });
});

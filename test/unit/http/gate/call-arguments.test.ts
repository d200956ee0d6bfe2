import { describe, expect, it } from 'vitest';
import {
  callbackAmong,
  headersAmong,
  toObject,
  withHeaders,
} from '../../../../lib/http/gate/call-arguments.js';

describe('the arguments of writeHead', () => {
  it.each<[unknown[], number, unknown[]]>([
    [[200, { a: 'b' }], 1, [200, { c: 'd' }]],
    [[200, 'Fine', ['a', 'b']], 2, [200, 'Fine', { c: 'd' }]],
    [[200, undefined, { a: 'b' }], 2, [200, { c: 'd' }]],
    [[200, null, { a: 'b' }], 2, [200, { c: 'd' }]],
    [[200, { a: 'b' }, null], 1, [200, { c: 'd' }]],
    [[200, { a: 'b' }, { e: 'f' }], 2, [200, { c: 'd' }]],
    [[200, null], -1, [200, { c: 'd' }]],
    [[], -1, [undefined, { c: 'd' }]],
  ])('%j pass their headers at %i', (args, index, others) => {
    expect(headersAmong(args)).toBe(args[index]);
    expect(withHeaders(args, { c: 'd' })).toEqual(others);
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

  it('gives a name without a value the value that Node refuses', () => {
    expect(toObject(['a', '1', 'b'])).toEqual({ a: '1', b: undefined });
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

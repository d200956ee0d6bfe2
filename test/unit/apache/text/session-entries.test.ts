import { describe, expect, it } from 'vitest';
import {
  checkKeys,
  entriesOf,
  jsonKeysOf,
  findNativeEntry,
  readData,
} from '../../../../lib/apache/text/session-entries.js';
import { formatSessionText, parseSessionText } from '../../../../lib/apache/text/session-text.js';
import type { JsonObject } from '../../../../lib/record/session-data.interface.js';

const shown = (text: string, json: string[] = []) => readData(parseSessionText(text), new Set(json));
const textAfter = (text: string, change: (data: Record<string, unknown>) => void, json: string[] = []) => {
  const { data, original } = shown(text, json);
  const changed = { ...data };
  change(changed);
  return formatSessionText(entriesOf(changed, original), original.expiry);
};

describe('entries of a session text', () => {
  it('are shown, except the native one, those that are not text, and __proto__', () => {
    const { data, original } = shown('a=1&_nsc=x&%ff=1&b=%ff&__proto__=p&%c3%a4=%c3%b6');
    expect(data).toEqual({ a: '1', ä: 'ö' });
    expect(original.entries).toHaveLength(5);
    expect(findNativeEntry(parseSessionText('a=1&_NSC=x'))?.value.toString()).toBe('x');
  });

  it('keep their spelling if nobody changes them', () => {
    for (const text of ['b=1&a=2&10=x&1=y', 'n=5&x=%5b+1+%5d', '%ff=%fe&a=1'])
      expect(textAfter(text, () => undefined, ['n', 'x'])).toBe(text);
  });

  it('that are JSON keep their spelling as long as their value is the same', () => {
    const set = (value: unknown) => (data: Record<string, unknown>) => void (data['x'] = value);
    expect(textAfter('x=%5b+1+%5d', set([1]), ['x'])).toBe('x=%5b+1+%5d');
    expect(textAfter('x=%5b+1+%5d', set([2]), ['x'])).toBe('x=%5b2%5d');
    expect(textAfter('x=5', set('5'), ['x'])).toBe('x=5');
    expect(textAfter('x=5', set(null), ['x'])).toBe('x=null');
  });

  it('are removed and added, the new ones last', () => {
    expect(
      textAfter('a=1&b=2&c=3', (data) => {
        delete data['a'];
        data['d'] = '';
        data['b'] = 'x y';
      }),
    ).toBe('b=x+y&c=3&d=%22%22');
  });

  it('that httpd cannot hold as text are listed', () => {
    const data = { text: 'x', empty: '', nul: 'a\0', half: '\udc00', n: 1, no: false, none: null, list: [] };
    expect(jsonKeysOf(data)).toEqual(['empty', 'nul', 'half', 'n', 'no', 'none', 'list']);
  });
});

describe('checkKeys', () => {
  const check =
    (data: JsonObject, text = '') =>
    () =>
      checkKeys(data, shown(text).original);

  it('accepts keys that httpd can carry', () => {
    expect(check({ a: '1', ä: '2', Ä: '3', ' ': '4', constructor: '5', expiry2: '6' })).not.toThrow();
    expect(check({ Expiry: 'x' }, 'Expiry=1')).not.toThrow();
  });

  it.each<[JsonObject, string]>([
    [{ a: '1', A: '2' }, ''],
    [{ 'ä-b': '1', 'ä-B': '2' }, ''],
    [{ expiry: '1' }, ''],
    [{ EXPIRY: '1' }, ''],
    [{ EXPIRY: '1' }, 'Expiry=1'],
    [{ _Nsc: '1' }, ''],
    [{ 'a\0': '1' }, ''],
    [{ '\ud800': '1' }, ''],
    [{ raw: '1' }, 'RAW=%ff'],
    [{ __PROTO__: '1' }, '__proto__=1'],
  ])('refuses %j beside %j', (data, text) => {
    expect(check(data, text)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_VALUE' }) as Error);
  });
});

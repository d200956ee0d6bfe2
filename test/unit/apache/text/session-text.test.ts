import { describe, expect, it } from 'vitest';
import {
  formatSessionText,
  MAX_SESSION_ENTRIES,
  mergeSessionText,
  parseSessionText,
  type SessionText,
} from '../../../../lib/apache/text/session-text.js';
import { SessionStateError } from '../../../../lib/errors/session-state.error.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const entriesOf = ({ entries }: SessionText) =>
  entries.map(({ key, value }) => `${key.toString('latin1')}:${value.toString('latin1')}`).join(' ');
const entry = (key: string, value: string) => ({ key: latin1(key), value: latin1(value) });

describe('parseSessionText', () => {
  it.each([
    { what: 'pairs in their order', text: 'b=1&a=2', entries: 'b:1 a:2' },
    { what: 'nothing in an empty text', text: '', entries: '' },
    { what: 'nothing in separators', text: '&&=&==&', entries: '' },
    { what: 'past empty pieces', text: '&&a=1&&b=2&', entries: 'a:1 b:2' },
    { what: 'past leading equals signs', text: '==a=1', entries: 'a:1' },
    { what: 'equals signs in a value', text: 'a=b=c', entries: 'a:b=c' },
    { what: 'an equals sign at the start of a value', text: 'a==b', entries: 'a:=b' },
    {
      what: 'a later value in the first place, under the first spelling',
      text: 'Ab=1&c=2&aB=3',
      entries: 'Ab:3 c:2',
    },
    { what: 'bytes beyond ASCII as different in any case', text: '\xe0=1&\xc0=2', entries: '\xe0:1 \xc0:2' },
    { what: 'an empty value as a removal', text: 'a=1&b=2&A=', entries: 'b:2' },
    { what: 'a missing value as a removal', text: 'a=1&b=2&a', entries: 'b:2' },
    { what: 'a key after an equals sign alone as a removal', text: 'a=1&b=2&=a', entries: 'b:2' },
    { what: 'a removed key anew, in the last place', text: 'a=1&b=2&a=&A=3', entries: 'b:2 A:3' },
    { what: 'a removal by the key as it is written', text: 'my+realm=1&my+realm=', entries: 'my realm:1' },
    { what: 'escapes in either case', text: 'a%3D=%2f%2F', entries: 'a=://' },
    { what: 'plus signs as blanks, their escapes as themselves', text: 'a+b=+%2B+', entries: 'a b: + ' },
    { what: 'an escaped key as the key', text: '%61=1&A=2', entries: 'a:2' },
    { what: 'past a bad escape in a value', text: 'a=%zz&b=%0&c=%&d=1', entries: 'd:1' },
    { what: 'past a bad escape in a key', text: '%zz=1&d=1', entries: 'd:1' },
    { what: 'past an escaped zero', text: 'a=1&a=%00x&%00=1', entries: 'a:1' },
    { what: 'raw bytes', text: 'a=\xff \x01', entries: 'a:\xff \x01' },
    { what: 'nothing after a zero byte', text: 'a=1\0&b=2', entries: 'a:1' },
    {
      what: 'keys of object prototypes as any other',
      text: '__proto__=1&constructor=2',
      entries: '__proto__:1 constructor:2',
    },
  ])('reads $what', ({ text, entries }) => {
    expect(entriesOf(parseSessionText(latin1(text)))).toBe(entries);
  });

  it('reads a string as UTF-8', () => {
    expect(parseSessionText('é=1').entries[0]!.key).toEqual(Buffer.from('é'));
  });

  it('reads a window on a larger buffer', () => {
    const window = new Uint8Array(latin1('x=0&a=1&y=0')).subarray(4, 7);
    expect(entriesOf(parseSessionText(window))).toBe('a:1');
  });

  it.each([
    { what: 'its second equals sign', text: 'a=b=c', entries: 'a:b' },
    { what: 'its second, leading ones skipped', text: 'a==b=c', entries: 'a:b' },
    { what: 'nothing but equals signs as a removal', text: 'a=1&a===', entries: '' },
  ])('ends a value in trunk at $what', ({ text, entries }) => {
    expect(entriesOf(parseSessionText(text, { rules: 'trunk' }))).toBe(entries);
  });

  it.each([
    { text: 'expiry=4102444800000000', expiry: 4102444800000000n },
    { text: '%65xpiry=7', expiry: 7n },
    { text: 'expiry=5&expiry=6', expiry: 6n },
    { text: 'expiry=5&expiry=', expiry: 5n },
    { text: 'expiry=5&expiry=0', expiry: undefined },
    { text: 'expiry=5&expiry=x', expiry: undefined },
    { text: 'expiry=%20%09%2B12x3', expiry: 12n },
    { text: 'expiry=-12', expiry: -12n },
    { text: 'expiry=0x10', expiry: undefined },
    { text: 'expiry=0000000000000000000000000000000012', expiry: 12n },
    { text: 'expiry=9223372036854775807', expiry: 9223372036854775807n },
    { text: 'expiry=9223372036854775808', expiry: 9223372036854775807n },
    { text: `expiry=${'9'.repeat(400)}`, expiry: 9223372036854775807n },
    { text: `expiry=-${'9'.repeat(400)}`, expiry: -9223372036854775808n },
  ])('reads the expiry of $text', ({ text, expiry }) => {
    expect(parseSessionText(text)).toEqual(expiry ? { entries: [], expiry } : { entries: [] });
  });

  it('reads other spellings of expiry as entries', () => {
    expect(parseSessionText('Expiry=5&EXPIRY=6')).toEqual({ entries: [entry('Expiry', '6')] });
  });

  it('removes an entry Expiry by an empty expiry', () => {
    expect(parseSessionText('Expiry=5&expiry=')).toEqual({ entries: [] });
  });

  it('refuses more entries than a session may have', () => {
    const text = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join('&');
    expect(parseSessionText(`${text(MAX_SESSION_ENTRIES)}&k0=again`).entries).toHaveLength(
      MAX_SESSION_ENTRIES,
    );
    expect(() => parseSessionText(text(MAX_SESSION_ENTRIES + 1))).toThrow(SessionStateError);
  });

  it.each([
    { what: 'separators', text: '&'.repeat(2 ** 20) },
    { what: 'equals signs', text: '='.repeat(2 ** 20) },
    { what: 'removals', text: 'a&'.repeat(2 ** 19) },
    { what: 'one key again and again', text: 'a=1&'.repeat(2 ** 18) },
    { what: 'percent signs', text: `a=${'%'.repeat(2 ** 20)}` },
    { what: 'escapes', text: `a=${'%41'.repeat(2 ** 18)}` },
    { what: 'zeros in an expiry', text: `expiry=${'0'.repeat(2 ** 20)}` },
    { what: 'blanks in an expiry', text: `expiry=${'+'.repeat(2 ** 20)}` },
  ])('reads a MiB of $what in linear time', { timeout: 5000 }, ({ text }) => {
    expect(parseSessionText(text).entries.length).toBeLessThanOrEqual(1);
  });
});

describe('mergeSessionText', () => {
  const session = parseSessionText('User=alice&role=admin&expiry=5');

  it('applies pairs to the session', () => {
    const merged = mergeSessionText(session, 'user=bob&role=&step=2');
    expect(merged).toEqual({ entries: [entry('User', 'bob'), entry('step', '2')], expiry: 5n });
  });

  it('does not change the session that it is given', () => {
    mergeSessionText(session, 'user=bob&role=&expiry=9');
    expect(session).toEqual({ entries: [entry('User', 'alice'), entry('role', 'admin')], expiry: 5n });
  });

  it('changes nothing by an empty text', () => {
    expect(mergeSessionText(session, '')).toEqual(session);
  });
});

describe('formatSessionText', () => {
  it('keeps letters, digits and four signs, and escapes every other byte in lower case', () => {
    const all = Buffer.from(Array.from({ length: 255 }, (_, i) => i + 1));
    const kept = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_';
    const expected = [...all].map((byte) => {
      const character = String.fromCharCode(byte);
      if (kept.includes(character)) return character;
      return byte === 0x20 ? '+' : `%${(byte + 0x100).toString(16).slice(1)}`;
    });
    expect(formatSessionText([{ key: all, value: 'v' }])).toBe(`${expected.join('')}=v`);
  });

  it('writes the expiry last, and none for 0', () => {
    const entries = [entry('a', '1')];
    expect(formatSessionText(entries, 4102444800000000n)).toBe('a=1&expiry=4102444800000000');
    expect(formatSessionText(entries, 4102444800000000)).toBe('a=1&expiry=4102444800000000');
    expect(formatSessionText(entries, 0)).toBe('a=1');
    expect(formatSessionText([], 5n)).toBe('expiry=5');
  });

  it('writes nothing for nothing', () => {
    expect(formatSessionText([])).toBe('');
  });

  it('writes a text that is read back unchanged', () => {
    const text = 'na%c3%afve=a%3db&__proto__=1&x=+&Expiry=3&expiry=9';
    const { entries, expiry } = parseSessionText(text);
    expect(formatSessionText(entries, expiry)).toBe(text);
  });

  it.each([
    { what: 'an empty key', entries: [{ key: '', value: '1' }] },
    { what: 'an empty value', entries: [{ key: 'a', value: '' }] },
    { what: 'a zero byte in a key', entries: [{ key: 'a\0b', value: '1' }] },
    { what: 'a zero byte in a value', entries: [{ key: 'a', value: '\0' }] },
    { what: 'the key expiry', entries: [{ key: 'expiry', value: '1' }] },
    {
      what: 'keys that differ in case only',
      entries: [
        { key: 'a', value: '1' },
        { key: 'A', value: '2' },
      ],
    },
  ])('refuses $what', ({ entries }) => {
    expect(() => formatSessionText(entries)).toThrow(SessionStateError);
  });

  it.each([NaN, 1.5, 2 ** 60])('refuses the expiry %d', (expiry) => {
    expect(() => formatSessionText([], expiry)).toThrow(SessionStateError);
  });
});

import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { Cookie, nameOfLine, type CookieAttributes } from '../../../lib/http/cookie.js';

const ATTRIBUTES: CookieAttributes = {
  domain: undefined,
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
  priority: undefined,
  lifetime: 0,
};

const cookieWith = (attributes: Partial<CookieAttributes> = {}, secure = true) =>
  new Cookie('sid', secure, { ...ATTRIBUTES, ...attributes });

describe('Cookie', () => {
  it.each<{ attributes: Partial<CookieAttributes>; secure: boolean; line: string }>([
    { attributes: {}, secure: true, line: 'sid=v; Path=/; Secure; HttpOnly; SameSite=Lax' },
    { attributes: {}, secure: false, line: 'sid=v; Path=/; HttpOnly; SameSite=Lax' },
    { attributes: { httpOnly: false }, secure: false, line: 'sid=v; Path=/; SameSite=Lax' },
    { attributes: { sameSite: 'strict' }, secure: false, line: 'sid=v; Path=/; HttpOnly; SameSite=Strict' },
    {
      attributes: { sameSite: 'none' },
      secure: true,
      line: 'sid=v; Path=/; Secure; HttpOnly; SameSite=None',
    },
    {
      attributes: { domain: 'a.example', path: '/x' },
      secure: false,
      line: 'sid=v; Domain=a.example; Path=/x; HttpOnly; SameSite=Lax',
    },
    {
      attributes: { lifetime: 60 },
      secure: false,
      line: 'sid=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
    },
    {
      attributes: { partitioned: true },
      secure: true,
      line: 'sid=v; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned',
    },
    { attributes: { partitioned: true }, secure: false, line: 'sid=v; Path=/; HttpOnly; SameSite=Lax' },
    {
      attributes: { priority: 'medium' },
      secure: false,
      line: 'sid=v; Path=/; HttpOnly; SameSite=Lax; Priority=Medium',
    },
  ])('sets $line', ({ attributes, secure, line }) => {
    expect(cookieWith(attributes, secure).set('v')).toBe(line);
  });

  it('clears under the same domain, path and partition, whatever its lifetime', () => {
    const cookie = cookieWith({ domain: 'a.example', path: '/x', partitioned: true, lifetime: 60 });
    expect(cookie.clear()).toBe(
      'sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=a.example; Path=/x; Secure; HttpOnly; SameSite=Lax; Partitioned',
    );
  });

  it.each<{ header: string | undefined; values: string[] }>([
    { header: undefined, values: [] },
    { header: '', values: [] },
    { header: 'sid=a', values: ['a'] },
    { header: 'sid=', values: [''] },
    { header: 'sid', values: [] },
    { header: '=sid', values: [] },
    { header: 'a=1; sid=b;c=2', values: ['b'] },
    { header: 'sid=a; sid=b', values: ['a', 'b'] },
    { header: ' \tsid\t = \ta ;', values: ['a'] },
    { header: 'sid=a=b', values: ['a=b'] },
    { header: 'sid="a"; sid= "b" ; sid=""', values: ['a', 'b', ''] },
    { header: 'sid="; sid="a; sid=a"; sid=""a""', values: ['"', '"a', 'a"', '"a"'] },
    { header: 'xsid=a; sidx=b; SID=c; a=sid', values: [] },
    { header: '__Host-sid=a', values: [] },
    { header: 'sid%3D=a', values: [] },
    { header: ';;; ;sid=a;;', values: ['a'] },
    { header: 'sid; sid=a', values: ['a'] },
    { header: 'x; sid; y=; sid=a=; z', values: ['a='] },
    { header: 'sid=a;sid', values: ['a'] },
  ])('finds $values in $header', ({ header, values }) => {
    expect(cookieWith().values(header)).toEqual(values);
  });

  it.each(['\u000b', '\u000c', '\u00a0', '\u2003', '\ufeff'])(
    'reads no name with other white space around it (RFC 6265bis §5.6): %j',
    (blank) => {
      expect(cookieWith().values(`${blank}sid=a; sid${blank}=b`)).toEqual([]);
    },
  );

  it('finds exactly the values under its name in any header', () => {
    const pair = fc.tuple(
      fc.constantFrom('sid', 'SID', 'sid2', 'a', ''),
      fc.string().map((text) => text.replaceAll(/[;"\s]/g, '')),
    );
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const header = pairs.map(([name, value]) => `${name}=${value}`).join('; ');
        const own = pairs.filter(([name]) => name === 'sid').map(([, value]) => value);
        expect(cookieWith().values(header)).toEqual(own);
      }),
    );
  });
});

describe('nameOfLine', () => {
  it.each([
    ['sid=a; Path=/', 'sid'],
    [' sid =a', 'sid'],
    ['sid=a=b', 'sid'],
    ['=a', ''],
    ['sid', ''],
  ])('reads the name that %j sets: %j', (line, name) => {
    expect(nameOfLine(line)).toBe(name);
  });
});

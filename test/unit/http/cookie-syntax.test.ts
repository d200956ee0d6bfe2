import { describe, expect, it } from 'vitest';
import {
  COOKIE_DOMAIN,
  COOKIE_PATH,
  COOKIE_PREFIX,
  HTTP_TOKEN,
  MAX_COOKIE_LIFETIME,
} from '../../../lib/http/cookie-syntax.js';

/** RFC 9110 §5.6.2: `tchar`, besides letters and digits. */
const PUNCTUATION = "!#$%&'*+-.^_`|~";
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

describe('HTTP_TOKEN', () => {
  it('has the characters of RFC 9110 and no others', () => {
    const allowed = ASCII.filter((one) => /[0-9A-Za-z]/.test(one) || PUNCTUATION.includes(one));
    expect(ASCII.filter((one) => HTTP_TOKEN.test(one))).toEqual(allowed);
  });

  it.each(['', 'ä', 'a b', 'a\n', '\na', 'a'.repeat(129)])('refuses %j', (text) => {
    expect(HTTP_TOKEN.test(text)).toBe(false);
  });

  it('accepts 128 characters', () => {
    expect(HTTP_TOKEN.test('a'.repeat(128))).toBe(true);
  });
});

describe('COOKIE_PATH', () => {
  it.each(['/', '/app', '/a b', `/${'a'.repeat(1000)}`])('accepts %j', (path) => {
    expect(COOKIE_PATH.test(path)).toBe(true);
  });

  it.each(['', 'app', '/a;b', '/a\r\nb', '/\x7f', '/ä', `/${'a'.repeat(1001)}`])('refuses %j', (path) => {
    expect(COOKIE_PATH.test(path)).toBe(false);
  });
});

describe('COOKIE_DOMAIN', () => {
  it.each(['example.com', '.example.com', 'localhost', 'xn--bcher-kva.example'])('accepts %j', (domain) => {
    expect(COOKIE_DOMAIN.test(domain)).toBe(true);
  });

  it.each(['', '.', '-a.example', 'a..b', 'a;b', 'a b', 'https://a.example', `${'a.'.repeat(127)}a`])(
    'refuses %j',
    (domain) => {
      expect(COOKIE_DOMAIN.test(domain)).toBe(false);
    },
  );
});

describe('COOKIE_PREFIX', () => {
  it.each([
    ['__Host-sid', '__Host-'],
    ['__host-sid', '__host-'],
    ['__Host-Http-sid', '__Host-Http-'],
    ['__Http-sid', '__Http-'],
    ['__Secure-sid', '__Secure-'],
    ['sid', undefined],
    ['a__Host-sid', undefined],
  ])('of %s is %s', (name, prefix) => {
    expect(COOKIE_PREFIX.exec(name)?.[0]).toBe(prefix);
  });
});

describe('MAX_COOKIE_LIFETIME', () => {
  it('is 400 days', () => {
    expect(MAX_COOKIE_LIFETIME).toBe(400 * 24 * 60 * 60);
  });
});

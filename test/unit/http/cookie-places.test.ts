import { describe, expect, it } from 'vitest';
import type { PlatformRequest } from '../../../lib/http/connection.js';
import { Cookie, type CookieAttributes } from '../../../lib/http/cookie.js';
import { clearElsewhere } from '../../../lib/http/cookie-places.js';

const cookieWith = (attributes: Partial<CookieAttributes> = {}, name = 'sid', secure = false) =>
  new Cookie(name, secure, {
    domain: undefined,
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    partitioned: false,
    priority: 'high',
    lifetime: 60,
    ...attributes,
  });
const requestTo = (host: string, url: string) => ({ headers: { host }, url }) as PlatformRequest;

const START = 'sid=; Max-Age=0; ';
const END = '; HttpOnly; SameSite=Lax';
const placesOf = (cookie: Cookie, host: string, url: string) =>
  clearElsewhere(cookie, requestTo(host, url)).map((line) => {
    expect(line.startsWith(START) && line.endsWith(END)).toBe(true);
    return line.slice(START.length, -END.length);
  });

describe('clearElsewhere', () => {
  it('names every domain and path that reach the request, but not the place of the cookie itself', () => {
    expect(placesOf(cookieWith(), 'a.b.test:8080', '/x/y?z=/q')).toEqual([
      'Domain=a.b.test; Path=/',
      'Domain=b.test; Path=/',
      ...['/x', '/x/', '/x/y'].flatMap((path) => [
        `Path=${path}`,
        `Domain=a.b.test; Path=${path}`,
        `Domain=b.test; Path=${path}`,
      ]),
    ]);
  });

  it.each(['.B.test', 'b.test'])('knows its own place where cookie.domain is %s', (domain) => {
    const places = placesOf(cookieWith({ domain }), 'a.b.test', '/');
    expect(places).toEqual(['Path=/', 'Domain=a.b.test; Path=/']);
  });

  it('names the configured domain where a proxy has replaced the host', () => {
    const places = placesOf(cookieWith({ domain: 'shop.test', path: '/x' }), '127.0.0.1:3000', '/');
    expect(places).toEqual(['Path=/', 'Domain=shop.test; Path=/']);
  });

  it.each(['127.0.0.1', '[::1]', '[::1]:80', 'a..b', ''])('names no domain for the host %j', (host) => {
    expect(placesOf(cookieWith({ path: '/x' }), host, '/')).toEqual(['Path=/']);
  });

  it('names partitions too where the cookie is secure', () => {
    const lines = clearElsewhere(cookieWith({}, '__Secure-sid', true), requestTo('localhost', '/'));
    expect(lines).toEqual([
      '__Secure-sid=; Max-Age=0; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Lax',
      '__Secure-sid=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned',
      '__Secure-sid=; Max-Age=0; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned',
    ]);
  });

  it.each(['__Host-sid', '__host-http-sid'])('names the only other place of %s', (name) => {
    expect(clearElsewhere(cookieWith({}, name, true), requestTo('a.b.test', '/x/y'))).toEqual([
      `${name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned`,
    ]);
  });

  it.each(['/a;b/c', '/a\r\nSet-Cookie: x=1/c', '/ä/c'])(
    'never repeats a path that no cookie can have: %j',
    (url) => {
      expect(placesOf(cookieWith({ path: '/z' }), '127.0.0.1', url)).toEqual(['Path=/']);
    },
  );

  it('is bounded, whatever host and path are', () => {
    const lines = clearElsewhere(cookieWith(), requestTo('a.'.repeat(120) + 'test', '/a'.repeat(8000)));
    expect(lines).toHaveLength(32);
    expect(lines.join('').length).toBeLessThan(32 * 400);
  });
});

import { describe, expect, it } from 'vitest';
import {
  forwardedOrigin,
  isLocalName,
  isLoopback,
  isSecure,
  proxyTrustOf,
  setFacts,
  type PlatformRequest,
} from '../../../lib/http/connection.js';

const requestOf = (
  headers: Record<string, string>,
  socket: { remoteAddress?: string; encrypted?: boolean } = { remoteAddress: '127.0.0.1' },
  protocol?: string,
) => ({ headers, socket, protocol }) as unknown as PlatformRequest;

describe('isSecure', () => {
  it.each([
    { protocol: 'https', encrypted: undefined, secure: true },
    { protocol: 'http', encrypted: undefined, secure: false },
    { protocol: undefined, encrypted: true, secure: true },
    { protocol: 'http', encrypted: true, secure: true },
    { protocol: undefined, encrypted: undefined, secure: false },
  ])('is $secure if the platform reports $protocol and the socket $encrypted', (one) => {
    const socket = one.encrypted === undefined ? {} : { encrypted: one.encrypted };
    expect(isSecure(requestOf({}, socket, one.protocol))).toBe(one.secure);
  });

  it("believes Fastify's own request before the raw one", () => {
    const request = requestOf({});
    setFacts(request, { protocol: 'https' });
    expect(isSecure(request)).toBe(true);
  });

  it('does not trust a header', () => {
    expect(isSecure(requestOf({ 'x-forwarded-proto': 'https', forwarded: 'proto=https' }))).toBe(false);
  });

  it('works without a socket', () => {
    expect(isSecure({ headers: {} } as PlatformRequest)).toBe(false);
  });
});

describe('proxyTrustOf', () => {
  it("names the setting of the request's platform", () => {
    expect(proxyTrustOf({ headers: {}, app: {} } as unknown as PlatformRequest)).toContain("'trust proxy'");
    expect(proxyTrustOf(requestOf({}))).toMatch(
      /trustProxy: '<the proxy's addresses>'.*number.*trusts nobody/,
    );
  });
});

describe('forwardedOrigin', () => {
  const request = (host: string, ips: string[], more: object = {}) =>
    ({
      headers: { host: 'inner', 'x-forwarded-host': host },
      hostname: 'shop.example',
      protocol: 'https',
      ips,
      ...more,
    }) as unknown as PlatformRequest;

  it('is the origin that a trusted proxy reports', () => {
    expect(forwardedOrigin(request('Shop.example', ['proxy', 'visitor']))).toBe('https://shop.example');
    expect(forwardedOrigin(request('shop.example', ['visitor'], { app: {} }))).toBe('https://shop.example');
    expect(forwardedOrigin(request('a, shop.example:8443', ['p', 'v']))).toBe('https://shop.example:8443');
    const plain = request('shop.example', ['p', 'v'], { protocol: 'http' });
    expect(forwardedOrigin(plain)).toBe('http://shop.example');
  });

  it.each([
    ['no proxy is trusted', request('shop.example', ['visitor'])],
    ['no proxy is trusted on Express', request('shop.example', [], { app: {} })],
    ['the platform reports another host', request('evil.example', ['p', 'v'])],
    ['X-Forwarded-Host is empty', request('', ['p', 'v'])],
    ['X-Forwarded-Host is no host', request('a b', ['p', 'v'])],
    ['there is no platform', { headers: { host: 'shop.example' } } as PlatformRequest],
  ])('is unknown if %s', (_why, one) => {
    expect(forwardedOrigin(one)).toBeUndefined();
  });
});

describe('isLocalName', () => {
  it('looks at the name alone, from whatever address the request comes', () => {
    expect(isLocalName(requestOf({ host: 'localhost:3000' }, { remoteAddress: '172.17.0.1' }))).toBe(true);
    expect(isLocalName(requestOf({ host: 'shop.test' }))).toBe(false);
    expect(isLocalName(requestOf({ host: 'localhost', via: '1.1 proxy' }))).toBe(false);
  });
});

describe('isLoopback', () => {
  it.each([
    'localhost',
    'LOCALHOST:3000',
    'shop.localhost:3000',
    'a.b-c.localhost',
    '127.0.0.1',
    '127.1.2.3:80',
    '[::1]:3000',
    '[::1]',
  ])('accepts the local host %s', (host) => {
    expect(isLoopback(requestOf({ host }))).toBe(true);
  });

  it.each([
    '',
    'example.com',
    'localhost.example.com',
    'notlocalhost',
    'evil.com:localhost',
    '127.0.0.1.nip.io',
    '128.0.0.1',
    '[::2]',
    'localhost:80:80',
    'localhost.',
    'user@localhost',
    'localhost\n',
  ])('does not accept %j as a local host', (host) => {
    expect(isLoopback(requestOf({ host }))).toBe(false);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'accepts the local address %s',
    (remoteAddress) => {
      expect(isLoopback(requestOf({ host: 'localhost' }, { remoteAddress }))).toBe(true);
    },
  );

  it.each(['10.0.0.1', '::ffff:10.0.0.1', '1270.0.0.1', 'fe80::1', '::2'])(
    'does not accept %s as a local address',
    (remoteAddress) => {
      expect(isLoopback(requestOf({ host: 'localhost' }, { remoteAddress }))).toBe(false);
    },
  );

  it.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-server',
    'x-real-ip',
    'via',
  ])('recognises a proxy by %s', (name) => {
    expect(isLoopback(requestOf({ host: 'localhost', [name]: 'x' }))).toBe(false);
  });

  it('recognises a proxy that speaks HTTP/1.0, as nginx does without proxy_set_header', () => {
    const request = { ...requestOf({ host: '127.0.0.1:3000' }), httpVersion: '1.0' };
    expect(isLoopback(request as PlatformRequest)).toBe(false);
  });

  it('reads the host of HTTP/2', () => {
    expect(isLoopback(requestOf({ ':authority': 'localhost:8443' }))).toBe(true);
    expect(isLoopback(requestOf({ ':authority': 'example.com' }))).toBe(false);
  });

  it('is false without a host', () => {
    expect(isLoopback(requestOf({}))).toBe(false);
  });

  it('accepts a Unix socket, which has no address', () => {
    expect(isLoopback(requestOf({ host: 'localhost' }, {}))).toBe(true);
  });
});

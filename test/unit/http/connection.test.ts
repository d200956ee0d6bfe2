import { describe, expect, it } from 'vitest';
import {
  forwardedOrigin,
  isLoopback,
  isSecure,
  proxyTrustOf,
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
  ])('is $secure where the platform says $protocol and the socket $encrypted', (one) => {
    const socket = one.encrypted === undefined ? {} : { encrypted: one.encrypted };
    expect(isSecure(requestOf({}, socket, one.protocol))).toBe(one.secure);
  });

  it('does not believe a header', () => {
    expect(isSecure(requestOf({ 'x-forwarded-proto': 'https', forwarded: 'proto=https' }))).toBe(false);
  });

  it('does without a socket', () => {
    expect(isSecure({ headers: {} } as PlatformRequest)).toBe(false);
  });
});

describe('proxyTrustOf', () => {
  it('names the setting of the platform at hand', () => {
    expect(proxyTrustOf({ headers: {}, app: {} } as unknown as PlatformRequest)).toContain("'trust proxy'");
    expect(proxyTrustOf(requestOf({}))).toContain('trustProxy');
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

  it('is what a trusted proxy says, as the platform has it', () => {
    expect(forwardedOrigin(request('Shop.example', ['proxy', 'visitor']))).toBe('https://shop.example');
    expect(forwardedOrigin(request('shop.example', ['visitor'], { app: {} }))).toBe('https://shop.example');
    expect(forwardedOrigin(request('a, shop.example:8443', ['p', 'v']))).toBe('https://shop.example:8443');
    const plain = request('shop.example', ['p', 'v'], { protocol: 'http' });
    expect(forwardedOrigin(plain)).toBe('http://shop.example');
  });

  it.each([
    ['nobody is trusted', request('shop.example', ['visitor'])],
    ['nobody is trusted on Express', request('shop.example', [], { app: {} })],
    ['the platform says another', request('evil.example', ['p', 'v'])],
    ['the header is none', request('', ['p', 'v'])],
    ['the header is no host', request('a b', ['p', 'v'])],
    ['there is no platform', { headers: { host: 'shop.example' } } as PlatformRequest],
  ])('is unknown where %s', (_why, one) => {
    expect(forwardedOrigin(one)).toBeUndefined();
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
  ])('knows the local host %s', (host) => {
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
  ])('takes %j for no local host', (host) => {
    expect(isLoopback(requestOf({ host }))).toBe(false);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'knows the local address %s',
    (remoteAddress) => {
      expect(isLoopback(requestOf({ host: 'localhost' }, { remoteAddress }))).toBe(true);
    },
  );

  it.each(['10.0.0.1', '::ffff:10.0.0.1', '1270.0.0.1', 'fe80::1', '::2'])(
    'takes %s for no local address',
    (remoteAddress) => {
      expect(isLoopback(requestOf({ host: 'localhost' }, { remoteAddress }))).toBe(false);
    },
  );

  it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'via'])(
    'sees a proxy by %s',
    (name) => {
      expect(isLoopback(requestOf({ host: 'localhost', [name]: 'x' }))).toBe(false);
    },
  );

  it('reads the host of HTTP/2', () => {
    expect(isLoopback(requestOf({ ':authority': 'localhost:8443' }))).toBe(true);
    expect(isLoopback(requestOf({ ':authority': 'example.com' }))).toBe(false);
  });

  it('is not there without a host', () => {
    expect(isLoopback(requestOf({}))).toBe(false);
  });

  it('counts a Unix socket, which has no address', () => {
    expect(isLoopback(requestOf({ host: 'localhost' }, {}))).toBe(true);
  });
});

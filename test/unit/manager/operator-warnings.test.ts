import { describe, expect, it } from 'vitest';
import type { LineName } from '../../../lib/errors/log-lines.js';
import type { PlatformRequest } from '../../../lib/http/connection.js';
import type { Cookie } from '../../../lib/http/cookie.js';
import { OperatorWarnings } from '../../../lib/manager/operator-warnings.js';

/** A request of Express through a proxy at an address. The platform works `ips` out anew for each. */
function requestFrom(remoteAddress: string, ips: readonly string[], asked: string[]): PlatformRequest {
  const headers = { 'x-forwarded-for': '203.0.113.7' };
  const request = { headers, socket: { remoteAddress }, app: {} };
  return Object.defineProperty(request, 'ips', {
    get() {
      asked.push(remoteAddress);
      return ips;
    },
  }) as unknown as PlatformRequest;
}

/** Returns the line on a session that was not kept over plain http. */
function plainHttpLine(request: object): string {
  const lines: string[] = [];
  const warnings = new OperatorWarnings((message) => lines.push(message));
  for (let i = 0; i < 2; i++) warnings.refusedPlainHttp(request as PlatformRequest);
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

const THROUGH = {
  headers: { 'x-forwarded-for': '203.0.113.7' },
  socket: { remoteAddress: '192.0.2.1' },
  app: {},
};

describe('the line on plain http', () => {
  it('asks for the trust of a proxy that the platform does not trust', () => {
    const line = plainHttpLine({ ...THROUGH, ips: [] });
    expect(line).toContain("tell the platform to trust it: app.set('trust proxy', …). Without any TLS");
    expect(line).not.toContain('X-Forwarded-Proto');
  });

  it.each([undefined, 'http'])(
    'asks a proxy that the platform trusts for its X-Forwarded-Proto, where that is %s',
    (proto) => {
      const headers = { ...THROUGH.headers, ...(proto && { 'x-forwarded-proto': proto }) };
      const line = plainHttpLine({ ...THROUGH, headers, protocol: 'http', ips: ['203.0.113.7'] });
      expect(line).toMatch(
        /The trusted proxy sends no "X-Forwarded-Proto: https".*nginx.*haproxy.*, or set cookie\.secure: true\. Without any TLS/,
      );
      expect(line).not.toContain('tell the platform to trust it');
    },
  );

  it('tells of containers where the name is localhost and the address is another, beside all the rest', () => {
    const [host, socket] = ['localhost:3000', { remoteAddress: '::ffff:172.17.0.1' }];
    const line = plainHttpLine({ headers: { host }, socket, app: {} });
    expect(line).toMatch(
      /tell the platform to trust it.*published port of a container.*cookie\.secure: false/,
    );
    expect(plainHttpLine({ headers: { host: 'shop.test' }, socket, app: {} })).not.toContain('container');
    expect(plainHttpLine({ ...THROUGH, headers: { ...THROUGH.headers, host }, ips: [] })).not.toContain(
      'container',
    );
  });
});

describe('the line on a Secure cookie over plain http', () => {
  const place = { domain: undefined, path: '/' };
  const lineOf = (ips: string[]): string => {
    const lines: string[] = [];
    const warnings = new OperatorWarnings((message) => lines.push(message));
    warnings.refusedUnreachable(
      'secure',
      { ...THROUGH, url: '/', ips } as never,
      { place } as unknown as Cookie,
    );
    return lines.join();
  };

  it('asks for what the proxy lacks, and not for what is set already', () => {
    expect(lineOf(['203.0.113.7'])).toMatch(/The trusted proxy sends no .*ssl_fc }\)\. Until such a cookie/);
    expect(lineOf([])).toContain('tell the platform to trust it');
    expect(lineOf(['203.0.113.7'])).not.toContain('or set cookie.secure: true');
  });
});

describe('the line on a proxy', () => {
  it('comes once for a proxy that is trusted, and once for one that is not', () => {
    const lines: LineName[] = [];
    const warnings = new OperatorWarnings((_, line) => lines.push(line));
    const asked: string[] = [];
    for (const [address, ips] of [
      ['192.0.2.1', ['203.0.113.7']],
      ['192.0.2.2', []],
    ] as const)
      for (let i = 0; i < 3; i++) warnings.seeProxy(requestFrom(address, ips, asked));
    expect(lines).toEqual(['proxyTrusted', 'proxyNotTrusted']);
  });

  it('asks the platform once for each address, since each request of the proxy comes here', () => {
    const warnings = new OperatorWarnings(() => undefined);
    const asked: string[] = [];
    for (let i = 0; i < 3; i++)
      for (const address of ['192.0.2.1', '192.0.2.2'])
        warnings.seeProxy(requestFrom(address, ['203.0.113.7'], asked));
    expect(asked).toEqual(['192.0.2.1', '192.0.2.2']);
  });
});

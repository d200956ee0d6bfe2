import { describe, expect, it } from 'vitest';
import type { LineName } from '../../../lib/errors/log-lines.js';
import type { PlatformRequest } from '../../../lib/http/connection.js';
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

import { describe, expect, it } from 'vitest';
import { Cookie } from '../../../lib/http/cookie.js';
import type { CookieEndpoint } from '../../../lib/manager/cookie-endpoint.js';
import { endKept } from '../../../lib/request/migrate-session.js';

const ATTRIBUTES = {
  domain: undefined,
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
  priority: undefined,
  lifetime: 0,
} as const;

/** An endpoint beside a program that keeps sessions, and those that were ended there. */
function setUp() {
  const ended: string[] = [];
  const open = async (text: string) => ({ remove: async () => void ended.push(text) });
  const source = { keep: true, cookie: new Cookie('sid', true, ATTRIBUTES), reader: { shortest: 1, open } };
  return { ended, endpoint: { migrationSources: [source] } as unknown as CookieEndpoint };
}

describe('endKept', () => {
  it('ends the sessions of all cookies', async () => {
    const { ended, endpoint } = setUp();
    await endKept(endpoint, 'sid=a; sid=b', performance.now() + 60_000);
    expect(ended).toEqual(['a', 'b']);
  });

  it('ends nothing when whoever waits has given up', async () => {
    const { ended, endpoint } = setUp();
    const late = endKept(endpoint, 'sid=a', performance.now() - 1);
    await expect(late).rejects.toMatchObject({ reason: 'timeout' });
    expect(ended).toEqual([]);
  });
});

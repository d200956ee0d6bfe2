import { describe, expect, it } from 'vitest';
import { Cookie } from '../../../lib/http/cookie.js';
import { emptyRecord } from '../../../lib/record/session-record.js';
import { addCookieLines } from '../../../lib/request/session-head.js';
import { Session } from '../../../lib/session/session.js';
import { SessionState } from '../../../lib/session/session-state.js';
import { cookieManager, requestOf } from './manager.js';

const FOREIGN = new Cookie('foreign', false, {
  domain: undefined,
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
  priority: undefined,
  lifetime: 0,
});

/** A session that came in a foreign cookie and that its route hides. */
async function hiddenMigrated() {
  const profile = (await cookieManager()).base;
  const endpoint = profile.endpointOf(requestOf());
  const now = profile.now();
  const record = { ...emptyRecord(now, 1440, 28_800), subject: 'ada' };
  const entry = { key: record.id, version: 0, record, stale: true, cookieOutdated: true };
  const found = { kind: 'live' as const, now, entry: { ...entry, migratableUntil: now + 3600 } };
  const state = new SessionState(endpoint, found, { headSent: false });
  state.hide();
  const migrationSource = {
    format: 'apache',
    cookie: FOREIGN,
    signature: undefined,
    reader: {} as never,
    until: new Date(),
  };
  const lookup = { found, clear: false, migrationSource };
  const lines = () => {
    const all: string[] = [];
    addCookieLines({ request: requestOf(), profile, endpoint, lookup, state }, all);
    return all;
  };
  return { state, session: new Session(state), lines };
}

const clearsForeign = (lines: readonly string[]) => lines.includes(FOREIGN.clear());

describe('the cookie that a session was migrated from', () => {
  it('stays while only the route hides the session', async () => {
    const { state, session, lines } = await hiddenMigrated();
    session.set('a', 1);
    await state.commit();
    expect(clearsForeign(lines())).toBe(false);
  });

  it.each(['set', 'login'] as const)('is cleared by a logout that %s() follows', async (follow) => {
    const { state, session, lines } = await hiddenMigrated();
    await session.logout();
    if (follow === 'set') session.set('a', 1);
    else await session.login('bob');
    await state.commit();
    expect(state.cookie).toBe('send');
    expect(clearsForeign(lines())).toBe(true);
  });
});

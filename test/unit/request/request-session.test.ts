import { describe, expect, it } from 'vitest';
import { RequestSessions } from '../../../lib/request/request-sessions.js';
import { cookieManager, requestOf } from './manager.js';

async function requestSession() {
  const sessions = new RequestSessions(requestOf({ host: 'a.example' }));
  return sessions.add(await cookieManager());
}

describe('RequestSession', () => {
  it('keeps what one handler forbids when another handler of the same request forbids less', async () => {
    const request = await requestSession();
    const session = await request.load();
    request.applyRoute({ readonly: true });
    request.applyRoute({});
    expect(() => session.set('a', 1)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_READONLY' }));
  });

  it('takes changes where no handler forbids them', async () => {
    const request = await requestSession();
    request.applyRoute({});
    const session = await request.load();
    session.set('a', 1);
    await request.commit();
    expect(request.head?.state.cookie).toBe('send');
  });
});

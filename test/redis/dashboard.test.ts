import { describe, expect, it } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { OPERATOR, PAGE, partOf, startDashboard, tokenOf, readable } from '../e2e/support/dashboard-app.js';
import { redisBeforeTests } from '../support/redis-before-tests.js';

const redis = redisBeforeTests();

describe('the dashboard over Redis', () => {
  it('adds up the processes, and counts none of their rows as a session', async () => {
    const start = () => startDashboard({}, { session: { store: redisStore({ client: redis.client }) } });
    const apps = [await start(), await start()] as const;
    const visitor = apps[0].visitor();
    await visitor.get('/login/ada');
    const last = await start();
    await expect
      .poll(async () => partOf(await last.ask(PAGE, { headers: OPERATOR }), 'processes'), {
        interval: 2000,
        timeout: 25_000,
      })
      .toMatch(/this one .*as here: 1 .*as here: 1 .*as here: 1/);
    expect(await last.sessions.count()).toBe(1);
    const token = tokenOf(await last.ask(PAGE, { headers: OPERATOR }));
    const form = { action: 'revokeSubject', subject: 'ada', token };
    const ended = await last.ask(PAGE, { method: 'POST', headers: OPERATOR, form });
    expect(readable(ended)).toContain('1 of them were stored');
    expect((await visitor.get('/who')).body).toEqual({ who: null });
    expect(await last.sessions.revokeAll()).toBe(0);
  });
});

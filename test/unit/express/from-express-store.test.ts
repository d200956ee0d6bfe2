import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromExpressStore } from '../../../lib/express/from-express-store.js';

describe('fromExpressStore', () => {
  it('tells the store how long it keeps a row, in each of the ways that stores read', async () => {
    const stored: { cookie: Record<string, unknown> }[] = [];
    const store = fromExpressStore({
      get: (_: string, done: (error: null, found: null) => void) => done(null, null),
      set(_: string, session: { cookie: Record<string, unknown> }, done: () => void) {
        stored.push(session);
        done();
      },
      destroy: (_: string, done: () => void) => done(),
    });
    const [now, deadline] = [new Date(), new Date(Date.now() + 86_400_000 * 30)];
    const row = { key: randomBytes(32), sealed: Buffer.of(1), subject: undefined, deadline };
    await store.create({ ...row, createdAt: now, lastSeenAt: now });
    const { expires, originalMaxAge, maxAge } = stored[0]!.cookie;
    expect([expires, maxAge]).toEqual([deadline, originalMaxAge]);
    expect(maxAge).toBeGreaterThan(86_400_000 * 29);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { ADAPTER_NAMES, rememberApps, rememberLines, subjectOf } from './support/remember-app.js';

const { start } = rememberApps();

describe.each(ADAPTER_NAMES)('a remember-me cookie on %s', (adapter) => {
  it('is cleared once if it is not ours, without a query', async () => {
    const store = memoryStore();
    const load = vi.spyOn(store, 'load');
    const app = await start(adapter, { remember: { store } });
    for (const value of ['x', 'A'.repeat(167), 'A'.repeat(1000), '%00;', '']) {
      const client = app.client();
      client.jar.set('remember', value);
      const answer = await client.get('/who');
      expect([answer.status, answer.body, rememberLines(answer)]).toEqual([
        200,
        { subject: null },
        [expect.stringMatching(/^remember=; Max-Age=0/)],
      ]);
      expect((await client.get('/who')).cookies).toEqual([]);
    }
    expect(load).not.toHaveBeenCalled();
    expect(app.seen('rememberRejected')).toHaveLength(5);
  });

  it('stays if several are not ours, since the wrong one could be cleared', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = app.client();
    client.jar.set('remember', 'planted; remember=elsewhere');
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
  });

  it('counts if it is the only one of several that is ours', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const token = (await app.returning()).jar.get('remember')!;
    const other = (await app.returning('eve')).jar.get('remember')!;
    const client = app.client();
    client.jar.set('x', `1; remember=planted; remember=${token}; remember=${other}`);
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
    client.jar.set('x', `1; remember=planted; remember=${token}`);
    expect(await subjectOf(client)).toBe('ada');
  });

  it('stays just after its series has ended, and is cleared later', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    await app.rememberMe.revokeSubject('ada');
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
    vi.spyOn(store, 'load').mockResolvedValue(undefined);
    expect(rememberLines(await client.get('/who'))).toEqual([expect.stringMatching(/Max-Age=0/)]);
  });
});

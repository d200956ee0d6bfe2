import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import type { Client } from '../support/script-app.js';
import {
  ADAPTER_NAMES,
  logInAndRemember,
  rememberApps,
  rememberLines,
  subjectOf,
  type Script,
} from './support/remember-app.js';

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

  const together = (client: Client, ...tokens: string[]) => {
    client.jar.set('x', ['1', ...tokens.map((token) => `remember=${token}`)].join('; '));
    return client;
  };

  it('logs in beside the token that it replaced, which is no theft then', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = await app.returning();
    const old = client.jar.get('remember')!;
    for (const order of [1, -1]) {
      client.jar.delete('sid');
      await client.get('/mine');
      app.ahead += 3600;
      const both = [old, client.jar.get('remember')!];
      const answer = await together(app.client(), ...(order > 0 ? both : both.toReversed())).get('/who');
      expect(answer.body).toEqual({ subject: 'ada' });
      expect(rememberLines(answer)).toContain('remember=; Max-Age=0; Path=/who; HttpOnly; SameSite=Lax');
      expect(rememberLines(answer).at(-1)).toMatch(/^remember=[\w-]{167}; /);
      client.jar.set('remember', rememberLines(answer).at(-1)!.slice('remember='.length).split(';')[0]!);
    }
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  it('logs nobody in among more than four, and stays', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const token = (await app.returning()).jar.get('remember')!;
    const client = together(app.client(), 'junk1', 'junk2', 'junk3', 'junk4', token);
    expect(await client.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
    expect(app.seen('rememberRejected')).toEqual([{ session: 'default', reason: 'ambiguous' }]);
    expect(await subjectOf(together(app.client(), token))).toBe('ada');
  });

  it.each<[string, Script]>([
    ['forget', (_session, rememberMe) => rememberMe.forget()],
    ['a login that remembers', logInAndRemember('cleo')],
  ])('of every series that came is ended by %s', async (_, script) => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const tokens = [
      (await app.returning()).jar.get('remember')!,
      (await app.returning('eve')).jar.get('remember')!,
    ];
    const client = together(app.client(), 'junk1', 'junk2', 'junk3', ...tokens);
    const lines = rememberLines(await app.run(client, script));
    expect(lines).toContain('remember=; Max-Age=0; Path=/run; HttpOnly; SameSite=Lax');
    for (const token of tokens) expect(await subjectOf(together(app.client(), token))).toBe(null);
  });
});

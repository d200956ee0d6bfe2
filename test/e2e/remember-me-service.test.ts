import { describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { ADAPTER_NAMES, rememberApps, subjectOf } from './support/remember-app.js';

const { start } = rememberApps();

describe.each(ADAPTER_NAMES)('RememberMeService on %s', (adapter) => {
  it('needs the request as a parameter with session.asyncContext: false', async () => {
    const session = { session: { asyncContext: false } };
    const app = await start(adapter, { session, remember: { store: memoryStore() } });
    const client = app.client();
    const codes: unknown[] = [];
    await app.run(client, async (current, rememberMe, request) => {
      await current.login('ada');
      await rememberMe.remember().catch((error: { code: string }) => codes.push(error.code));
      await rememberMe.remember(request);
    });
    expect(codes).toEqual(['ERR_SESSION_NO_REQUEST']);
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe('ada');
    const { body } = await app.run(client, (_session, rememberMe, request) => rememberMe.current(request));
    expect(await app.rememberMe.list('ada')).toMatchObject([{ id: (body as { result: string }).result }]);
    await app.run(client, (_session, rememberMe, request) => rememberMe.forget(request));
    expect(await app.rememberMe.list('ada')).toEqual([]);
  });

  it('refuses to remember where nobody is logged in, or outside a request', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const codes: unknown[] = [];
    await app.run(app.client(), (_session, rememberMe) =>
      rememberMe.remember().catch((error: { code: string }) => codes.push(error.code)),
    );
    await app.rememberMe.remember().catch((error: { code: string }) => codes.push(error.code));
    expect(codes).toEqual(['ERR_SESSION_VALUE', 'ERR_SESSION_NO_REQUEST']);
  });

  it('gives no cookie with the error of a login that is not stored', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = app.client();
    const { status, cookies } = await app.run(client, async (current, rememberMe) => {
      await current.login('ada');
      await rememberMe.remember();
      current.set('more', 'x'.repeat(2_000_000));
    });
    expect([status, cookies]).toEqual([500, []]);
    expect(await subjectOf(client)).toBeNull();
  });
});

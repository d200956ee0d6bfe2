import { describe, expect, it } from 'vitest';
import { memoryStore, type Session } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { rememberPlaces } from './support/remember-places.js';

/** The message of the SessionConfigError about one unknown option. */
const fault = (path: string, meant: string) =>
  expect.objectContaining({
    code: 'ERR_SESSION_CONFIG',
    faults: [{ path, message: `is unknown; is "${meant}" meant?` }],
  });

/** Calls a method with an option that TypeScript would refuse. Returns what it throws or rejects with. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(ADAPTER_NAMES)('an unknown option of a method on %s', (adapter) => {
  it('of SessionService is a fault, and nothing is done', async () => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const client = app.client();
    const id = await client.result(async (session) => {
      await session.login('ada');
      return session.id;
    });
    const { sessions } = app;
    expect(await errorOf(() => sessions.revokeSubject('ada', { expect: id } as never))).toEqual(
      fault('revokeSubject().expect', 'except'),
    );
    expect(await errorOf(() => sessions.revoke(String(id), { subjekt: 'eve' } as never))).toEqual(
      fault('revoke().subjekt', 'subject'),
    );
    expect(await errorOf(() => sessions.prune({ exakt: true } as never))).toEqual(
      fault('prune().exakt', 'exact'),
    );
    expect(await errorOf(() => sessions.attach({} as never, {}, { origin: [] } as never))).toEqual(
      fault('attach().origin', 'origins'),
    );
    expect(await client.result((session) => session.subject)).toBe('ada');
  });

  it('of Session is a fault, and nothing changes', async () => {
    const app = await ScriptApp.start({ store: memoryStore() }, adapter);
    const client = app.client();
    const attempt = (call: (session: Session<Record<string, unknown>>) => unknown) =>
      client.result(async (session) => String(await errorOf(() => call(session))));
    expect(await attempt((session) => session.login('ada', { remember: true } as never))).toContain(
      'login().remember: is unknown; is "remembered" meant?',
    );
    expect(await attempt((session) => session.regenerate({ keeps: [] } as never))).toContain(
      'regenerate().keeps: is unknown; is "keep" meant?',
    );
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
  });
});

const { start, everywhere } = rememberPlaces();

describe.each(everywhere.slice(0, 1))('an unknown option of RememberMeService', ({ adapter, setup }) => {
  it('is a fault, and nothing is done', async () => {
    const app = await start(adapter, setup());
    await app.returning();
    const [first] = await app.rememberMe.list('ada');
    expect(await errorOf(() => app.rememberMe.revoke(first!.id, { subjekt: 'eve' } as never))).toEqual(
      fault('revoke().subjekt', 'subject'),
    );
    expect(await errorOf(() => app.rememberMe.revokeSubject('ada', { expect: first!.id } as never))).toEqual(
      fault('revokeSubject().expect', 'except'),
    );
    expect(await app.rememberMe.list('ada')).toHaveLength(1);
  });
});

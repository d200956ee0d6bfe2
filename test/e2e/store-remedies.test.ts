import { describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, type SessionService } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { temporaryFolder } from '../support/cleanup.js';
import { ScriptApp } from '../support/script-app.js';

const ABLE = 'typeOrmStore(), pgStore() or redisStore()';
const ID = 'A'.repeat(43);

/** A call of the service, and what a store needs for it. */
type Call = readonly [name: string, call: (sessions: SessionService) => Promise<unknown>];

const CALLS: readonly Call[] = [
  ['list', (sessions) => sessions.list('ada')],
  ['revoke', (sessions) => sessions.revoke(ID)],
  ['revokeSubject', (sessions) => sessions.revokeSubject('ada')],
  ['revokeAll', (sessions) => sessions.revokeAll()],
  ['count', (sessions) => sessions.count()],
  ['runWithSession', (sessions) => sessions.runWithSession(ID, () => 1)],
];
const RESEAL: Call = ['reseal', (sessions) => sessions.reseal()];

const refusal = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.then(
    () => new Error('no error'),
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: 'ERR_SESSION_UNSUPPORTED' });
  return error.message;
};

const sessionsOver = async (store: unknown, session = {}) =>
  (await ScriptApp.start({ store: store as never, session, prune: { interval: 0 } })).sessions;

/** A memory store without these members. */
const memoryWithout = (...names: string[]) =>
  Object.assign(memoryStore(), Object.fromEntries(names.map((name) => [name, undefined])));

const shared = async () =>
  fileStore({ path: await temporaryFolder(), sharedUnsealed: { serializer: 'php' } });

describe('An ability that the store in use lacks', () => {
  it.each(CALLS)('%s() names stores on the server where sessions are in cookies', async (name, call) => {
    const said = await refusal(call(await sessionsOver(cookieStore())));
    expect(said).toContain(`sessions are in the cookie; use ${ABLE}, which keep them on the server`);
    expect(said.includes('cookieStore({ revocation })')).toBe(name.startsWith('revoke'));
  });

  it.each([...CALLS, RESEAL])(
    '%s() does not ask to move away from a program that still runs',
    async (_, call) => {
      const said = await refusal(call(await sessionsOver(await shared())));
      expect(said).toContain(
        `another program shares it; when that program no longer runs, let crypto.accept move its sessions to ${ABLE}`,
      );
    },
  );

  it.each([
    ['list', ['list'], 'list()'],
    ['revokeSubject', ['destroySubject'], 'destroySubject()'],
    ['revokeAll', ['scan', 'scanAll'], 'scan() or scanAll()'],
    ['count', ['count'], 'count()'],
    ['reseal', ['scan', 'scanAll'], 'scan() or scanAll(), or no touch()'],
    ['reseal', ['touch'], 'scan() or scanAll(), or no touch()'],
  ])('%s() names what a store of your own without %j lacks', async (name, missing, methods) => {
    const [, call] = [...CALLS, RESEAL].find(([one]) => one === name)!;
    const said = await refusal(call(await sessionsOver(memoryWithout(...missing))));
    expect(said).toContain(`it has no ${methods}; add that to a store of your own, or use ${ABLE}`);
  });

  it('estimates by an exact count', async () => {
    expect(await (await sessionsOver(memoryWithout('estimate'))).count({ estimate: true })).toBe(0);
  });

  it.each([
    [
      'prune',
      (sessions: SessionService) => sessions.prune(),
      /cannot prune: .* nothing is kept on the server/,
    ],
    [
      'reseal',
      RESEAL[1],
      /cannot seal sessions anew: each is in its cookie, and its next request seals it anew/,
    ],
  ])('%s() says that there is nothing to do where sessions are in cookies', async (_, call, why) => {
    const said = await refusal(call(await sessionsOver(cookieStore())));
    expect(said).toMatch(why);
    expect(said).toMatch(/; leave the call out$/);
    expect(said).not.toContain('Store()');
  });

  it.each([
    ['cookies', async () => cookieStore(), 'sessions are in the cookie; use'],
    ['files of PHP', shared, 'another program shares it; when'],
    [
      'a store of your own',
      async () => memoryWithout('listsAll'),
      'it has no list() with `listsAll: true`; add',
    ],
  ])('session.maxPerSubject names the remedy for %s', async (_, store, remedy) => {
    const session = { maxPerSubject: { limit: 1 } };
    await expect(sessionsOver(await store(), session)).rejects.toThrow(remedy);
  });
});

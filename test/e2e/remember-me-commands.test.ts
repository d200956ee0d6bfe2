import { Module } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { cookieStore, memoryStore, SessionCryptoModule, type SessionStore } from 'nestjs-session-crypto';
import { run } from '../../lib/cli/run.js';
import { RememberMeModule } from '../../lib/remember-me/index.js';
import { exportingFile } from '../support/command.js';
import { SECRET } from '../support/test-app.js';
import { capture } from '../unit/cli/support/site.js';
import { subjectOf } from './support/remember-app.js';
import { rememberPlaces } from './support/remember-places.js';

const { start, everywhere } = rememberPlaces();

/** A store that a command may open and close although the application uses it. */
const shared = <S extends object>(store: S): S =>
  Object.assign(Object.create(store) as S, { open() {}, close() {} });

/** Runs `sessions …` over the module of an application. */
async function sessions(
  stores: { session: object; remember?: SessionStore },
  command: string,
  ...args: string[]
) {
  class AppModule {}
  const { session, remember } = stores;
  const imports = [
    SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: shared(session) as never }),
  ];
  Module({
    imports: remember ? [...imports, RememberMeModule.forRoot({ store: shared(remember) })] : imports,
  })(AppModule);
  const { said, output } = capture();
  const file = await exportingFile({ AppModule });
  return { status: await run(['sessions', command, '--module', file, ...args], output), ...said };
}

describe.each(everywhere.filter(({ adapter }) => adapter === 'express'))(
  'session-crypto sessions, with series in $place',
  ({ setup }) => {
    async function stage() {
      const { session, remember } = setup();
      const stores = { session: session?.store ?? memoryStore(), remember: remember.store };
      const app = await start('express', { session: { store: stores.session }, remember });
      return { app, stores };
    }

    it('revoke-subject ends the series too, and says how many', async () => {
      const { app, stores } = await stage();
      const clients = [await app.remembered(), await app.returning(), await app.returning('eve')];
      const end = await sessions(stores, 'revoke-subject', 'ada');
      expect(end).toEqual({ status: 0, out: '2 sessions and 2 series of remember-me ended\n', err: '' });
      const subjects = [];
      for (const client of clients) subjects.push(await subjectOf(client));
      expect(subjects).toEqual([null, null, 'eve']);
    });

    it('revoke-subject succeeds where only series were left', async () => {
      const { app, stores } = await stage();
      await app.returning();
      await app.sessions.revoke((await app.sessions.list('ada'))[0]!.id);
      const { status, out } = await sessions(stores, 'revoke-subject', 'ada', '--json');
      expect([status, JSON.parse(out)]).toEqual([0, { ended: 0, series: 1, inCookies: false, failed: [] }]);
      const again = await sessions(stores, 'revoke-subject', 'ada', '--json');
      expect([again.status, JSON.parse(again.out)]).toMatchObject([1, { ended: 0, series: 0 }]);
    });

    it('revoke-subject says that the session which stays has no series any more', async () => {
      const { app, stores } = await stage();
      const client = await app.remembered();
      const { id } = (await app.sessions.list('ada'))[0]!;
      const { status, err } = await sessions(stores, 'revoke-subject', 'ada', '--except', id);
      expect([status, err]).toEqual([0, expect.stringContaining('that stays has no series any more')]);
      expect(await subjectOf(client)).toBe('ada');
      client.jar.delete('sid');
      expect(await subjectOf(client)).toBeNull();
    });

    it('revoke says that a browser which is remembered comes back', async () => {
      const { app, stores } = await stage();
      await app.remembered();
      const { id } = (await app.sessions.list('ada'))[0]!;
      const { status, out, err } = await sessions(stores, 'revoke', '--', id);
      expect([status, out, err]).toEqual([
        0,
        '1 session ended\n',
        expect.stringMatching(/remember-me knows its browser.* sessions revoke-subject ends all series/),
      ]);
    });
  },
);

describe('session-crypto sessions revoke-subject', () => {
  const down = () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }));

  it.each([
    ['series', { ended: 1, series: null }, '0 sessions ended\n', 'the series of remember-me have ended'],
    ['sessions', { ended: null, series: 1 }, '0 series of remember-me ended\n', 'the sessions have ended'],
  ])(
    'says what is done and what is not if the end of the %s fails',
    async (half, counts, nothingLeft, said) => {
      const stores = { session: memoryStore(), remember: memoryStore() };
      const app = await start('express', {
        session: { store: stores.session },
        remember: { store: stores.remember },
      });
      await app.remembered();
      const broken = half === 'series' ? stores.remember : stores.session;
      const failing = vi.spyOn(broken, 'destroySubject').mockImplementation(down);
      const json = await sessions(stores, 'revoke-subject', 'ada', '--json');
      expect([json.status, JSON.parse(json.out)]).toEqual([
        69,
        { ...counts, inCookies: false, failed: [half] },
      ]);
      const { status, out, err } = await sessions(stores, 'revoke-subject', 'ada');
      expect([status, out]).toEqual([69, nothingLeft]);
      expect(err).toContain(`not certain that ${said}`);
      expect(err).toContain('the store failed in "destroySubject": nobody listens at its address');
      failing.mockRestore();
      const { out: rest } = await sessions(stores, 'revoke-subject', 'ada');
      expect(rest).toMatch(half === 'series' ? /^0 sessions and 1 series/ : /^1 sessions and 0 series/);
    },
  );

  it('ends the series where sessions are in cookies that nobody can end, and says so', async () => {
    const stores = { session: cookieStore(), remember: memoryStore() };
    const app = await start('express', {
      session: { store: stores.session },
      remember: { store: stores.remember },
    });
    await app.remembered();
    const { status, out, err } = await sessions(stores, 'revoke-subject', 'ada');
    expect([status, out]).toEqual([78, '1 series of remember-me ended\n']);
    expect(err).toContain('cannot end a subject');
  });

  it('says nothing of series where the application has no remember-me', async () => {
    const store = memoryStore();
    const app = await start('express', { session: { store }, remember: { store: memoryStore() } });
    await app.remembered();
    expect(await sessions({ session: store }, 'revoke-subject', 'ada')).toEqual({
      status: 0,
      out: '1 sessions ended\n',
      err: '',
    });
  });
});

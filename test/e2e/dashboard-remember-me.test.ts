import { Controller, Get, Inject, Module, Param } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { cookieStore, CurrentSession, memoryStore, type Session } from 'nestjs-session-crypto';
import { RememberMeModule, RememberMeService } from '../../lib/remember-me/index.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import type { SessionPlan } from '../support/test-app.js';
import { OPERATOR, PAGE, readable, startDashboard, tokenOf } from './support/dashboard-app.js';

@Controller()
class RememberController {
  constructor(@Inject(RememberMeService) private readonly rememberMe: RememberMeService) {}

  @Get('remember/:name')
  async remember(@CurrentSession() session: Session, @Param('name') name: string) {
    await session.login(name);
    await this.rememberMe.remember();
    return session.id;
  }
}

@Module({ controllers: [RememberController] })
class AccountModule {}

/** An application with the dashboard and remember-me, whose operator submits forms about ada. */
async function stage(adapter: AdapterName = 'express', session: SessionPlan = { store: memoryStore() }) {
  const series = memoryStore();
  const imports = [RememberMeModule.forRoot({ store: series }), AccountModule];
  const app = await startDashboard({}, { adapter, session, imports });
  const token = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
  const submit = (form: Record<string, string>) =>
    app.ask(PAGE, { method: 'POST', headers: OPERATOR, form: { subject: 'ada', token, ...form } });
  return { app, series, submit, deeds: () => app.seen('operatorAction') };
}

const down = () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }));

describe.each(ADAPTER_NAMES)('the dashboard of an application with remember-me on %s', (adapter) => {
  it('ends the series with all sessions of a user, and says how many of each', async () => {
    const { app, submit, deeds } = await stage(adapter);
    const [laptop, phone] = [app.visitor(), app.visitor()];
    for (const visitor of [laptop, phone]) await visitor.get('/remember/ada');
    const ended = readable(await submit({ action: 'revokeSubject' }));
    expect(ended).toContain('All sessions have ended; 2 of them were stored. 2 series of remember-me ended');
    expect(ended).not.toContain('Remember-me');
    for (const visitor of [laptop, phone]) expect((await visitor.get('/who')).body).toEqual({ who: null });
    expect(deeds()).toMatchObject([{ action: 'revokeSubject', sessions: 2, series: 2, failed: undefined }]);
  });

  it('shows that a user without a session is remembered, and ends that', async () => {
    const { app, submit, deeds } = await stage(adapter);
    const visitor = app.visitor();
    const { text: id } = await visitor.get('/remember/ada');
    await app.sessions.revoke(id);
    const listed = await submit({ action: 'list' });
    expect(readable(listed)).toMatch(
      /No live session .* Remember-me logs ada in again by itself, in 1 browser\./,
    );
    expect(listed.text).toContain('value="revokeSubject"');
    await submit({ action: 'revokeSubject' });
    expect((await visitor.get('/who')).body).toEqual({ who: null });
    expect(deeds().at(-1)).toMatchObject({ sessions: 0, series: 1 });
  });

  it('says of the end of one session that its browser may come back', async () => {
    const { app, submit } = await stage(adapter);
    const { text: id } = await app.visitor().get('/remember/ada');
    const { text: other } = await app.visitor().get('/login/eve');
    expect(readable(await submit({ action: 'revoke', id }))).toMatch(
      /The session has ended\. Remember-me logs this user in again by itself, in 1 browser, and nobody knows/,
    );
    const again = readable(await submit({ action: 'revoke', id }));
    expect(again).toContain('No session has ended');
    expect(again).not.toContain('nobody knows whether');
    const answer = readable(await submit({ action: 'revoke', subject: 'eve', id: other }));
    expect(answer).toContain('The session has ended.');
    expect(answer).not.toContain('Remember-me');
  });
});

describe('the dashboard of an application with remember-me', () => {
  it('says that the sessions have ended if the store of the series is down', async () => {
    const { app, series, submit, deeds } = await stage();
    const visitor = app.visitor();
    await visitor.get('/remember/ada');
    vi.spyOn(series, 'destroySubject').mockImplementation(down);
    const page = await submit({ action: 'revokeSubject' });
    expect(readable(page)).toMatch(
      /All sessions have ended; 1 of them were stored\. The store of remember-me did not answer, .*may log in again/,
    );
    expect(page.text).toContain('class="notice wrong"');
    expect(readable(page)).toContain('grace ended all sessions of a user, and a part of it failed');
    const [deed] = deeds();
    expect(deed).toMatchObject({ sessions: 1, failed: 'ERR_SESSION_STORE' });
    expect(deed!.series).toBeUndefined();
    expect(await app.sessions.list('ada')).toEqual([]);
  });

  it('says that the series have ended if the store of the sessions is down', async () => {
    const store = memoryStore();
    const { app, submit, deeds } = await stage('express', { store });
    await app.visitor().get('/remember/ada');
    vi.spyOn(store, 'destroySubject').mockImplementation(down);
    expect(readable(await submit({ action: 'revokeSubject' }))).toContain(
      'not certain whether the sessions have ended. Try again. 1 series of remember-me ended',
    );
    expect(deeds()).toMatchObject([{ sessions: undefined, series: 1, failed: 'ERR_SESSION_STORE' }]);
  });

  it('says that the series have ended where sessions are in cookies that nobody can end', async () => {
    const { app, submit, deeds } = await stage('express', { store: cookieStore({ acceptReplay: true }) });
    await app.visitor().get('/remember/ada');
    expect(readable(await submit({ action: 'revokeSubject' }))).toMatch(
      /cannot end a subject.* 1 series of remember-me ended/,
    );
    expect(deeds()).toMatchObject([{ series: 1, failed: 'ERR_SESSION_UNSUPPORTED' }]);
  });

  it('does not know how many browsers come back if the store of the series is down', async () => {
    const { app, series, submit } = await stage();
    const { text: id } = await app.visitor().get('/remember/ada');
    vi.spyOn(series, 'list').mockImplementation(down);
    expect(readable(await submit({ action: 'revoke', id }))).toContain(
      'The session has ended. Remember-me logs this user in again by itself, in an unknown number of browsers',
    );
  });

  it('ends the sessions of a user without one, too, where nobody knows whether a browser remembers him', async () => {
    const { series, submit } = await stage();
    vi.spyOn(series, 'list').mockImplementation(down);
    const page = readable(await submit({ action: 'list' }));
    expect(page).toContain('Remember-me logs ada in again by itself, in an unknown number of browsers');
    expect(page).toContain('End all sessions of ada');
  });
});

import { describe, expect, it } from 'vitest';
import { cookieStore, memoryRevocation, memoryStore } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { OPERATOR, PAGE, readable, startDashboard, tokenOf } from './support/dashboard-app.js';

describe.each(ADAPTER_NAMES)('the end of one session by the dashboard on %s', (adapter) => {
  it('says that no session has ended whose row does not open, and ends it with all of the user', async () => {
    const store = memoryStore();
    const secrets = [`hex:${'22'.repeat(32)}`];
    const other = await startDashboard({}, { adapter, session: { store, crypto: { secrets } } });
    const { text: id } = await other.visitor().get('/login/ada');
    const app = await startDashboard({}, { adapter, session: { store } });
    const token = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
    const submit = (form: Record<string, string>) =>
      app.ask(PAGE, { method: 'POST', headers: OPERATOR, form: { subject: 'ada', token, ...form } });
    const page = readable(await submit({ action: 'revoke', id }));
    expect(page).toMatch(/No session has ended.* does not open here.* Live sessions of ada/);
    expect(readable(await submit({ action: 'revokeSubject' }))).toContain('1 of them were stored');
    expect(app.seen('operatorAction')).toMatchObject([{ sessions: 0 }, { sessions: 1 }]);
  });

  it('says of a session in a cookie that nobody knows whether it was there', async () => {
    const store = cookieStore({ revocation: memoryRevocation() });
    const app = await startDashboard({}, { adapter, session: { store } });
    const { text: id } = await app.visitor().get('/login/ada');
    const token = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
    const form = { action: 'revoke', subject: 'ada', id, token };
    const page = await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form });
    expect(readable(page)).toContain('If the user has this session, it has ended');
    expect(page.text).not.toContain('class="notice wrong"');
    expect(app.seen('operatorAction')).toMatchObject([{ action: 'revoke', sessions: undefined }]);
  });
});

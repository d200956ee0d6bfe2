import { describe, expect, it } from 'vitest';
import { Inject, Module, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import {
  cookieStore,
  managedRing,
  memoryKeyStore,
  memoryStore,
  SessionCryptoModule,
  SessionGuard,
  SessionService,
} from 'nestjs-session-crypto';
import { SessionDashboardModule } from 'nestjs-session-crypto/dashboard';
import { ADAPTER_NAMES, ADAPTERS } from '../support/adapters.js';
import { ShiftedClock } from '../support/shifted-clock.js';
import { SECRET, startApp } from '../support/test-app.js';
import {
  OPERATOR,
  OperatorGuard,
  PAGE,
  partOf,
  readable,
  startDashboard,
  tokenOf,
} from './support/dashboard-app.js';

const EVIL = `<img src=x onerror=alert(1)>"'&`;

describe.each(ADAPTER_NAMES)('the dashboard on %s', (adapter) => {
  it('is for those whom the guard admits', async () => {
    const app = await startDashboard({}, { adapter });
    expect((await app.ask(PAGE)).status).toBe(403);
    expect((await app.ask(`${PAGE}?live=default`)).status).toBe(403);
    expect((await app.ask(PAGE, { method: 'POST', form: { action: 'list', subject: 'ada' } })).status).toBe(
      403,
    );
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('tells a guard that reads metadata what it asks for, and finds what the guard needs', async () => {
    class Staff {
      readonly admins = ['grace'];
    }
    class RolesGuard implements CanActivate {
      constructor(
        @Inject(Reflector) private readonly reflector: Reflector,
        @Inject(Staff) private readonly staff: Staff,
      ) {}

      canActivate(context: ExecutionContext): boolean {
        const targets = [context.getHandler(), context.getClass()];
        if (!this.reflector.getAllAndOverride('roles', targets)) return true;
        const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
        return this.staff.admins.includes(String(headers['x-operator']));
      }
    }
    class StaffModule {}
    Module({ providers: [Staff], exports: [Staff] })(StaffModule);
    const decorators = [SetMetadata('roles', ['admin'])];
    const app = await startDashboard({ guard: RolesGuard, decorators, imports: [StaffModule] }, { adapter });
    expect((await app.ask(PAGE, { headers: OPERATOR })).status).toBe(200);
    expect((await app.ask(PAGE, { headers: { 'x-operator': 'mallory' } })).status).toBe(403);
  });

  it('is smaller than 60 KB, also with all that it can show, and loads nothing', async () => {
    const app = await startDashboard({}, { adapter });
    for (let i = 0; i < 40; i++) await app.visitor().get('/login/ada');
    const { text: token } = { text: tokenOf(await app.ask(PAGE, { headers: OPERATOR })) };
    const form = { action: 'list', subject: 'ada', token };
    const page = await app.ask(PAGE, { method: 'POST', form, headers: OPERATOR });
    expect(readable(page)).toContain('Live sessions of ada');
    expect(page.bytes.length).toBeLessThan(60_000);
    expect(page.text).not.toMatch(/https?:|src=|url\(|@import|<link|\sstyle=|\son\w+=/);
  });

  it('allows its own script and style by a nonce, and nothing else', async () => {
    const app = await startDashboard({}, { adapter });
    const pages = await Promise.all([1, 2].map(() => app.ask(PAGE, { headers: OPERATOR })));
    const nonces = pages.map(({ text, headers }) => {
      const [, nonce] = /<script nonce="([^"]+)">/.exec(text)!;
      expect(text.match(/<(?:script|style)\b/g)).toHaveLength(2);
      expect(text).toContain(`<style nonce="${nonce}">`);
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; ` +
          `form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      );
      return nonce;
    });
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(pages[0]!.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('counts what happens to sessions', async () => {
    const app = await startDashboard({}, { adapter });
    const visitor = app.visitor();
    await visitor.get('/login/ada');
    await app.visitor().get('/login/grace');
    await visitor.get('/logout');
    await app.ask('/who', { headers: { cookie: 'sid=rubbish' } });
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect(partOf(page, 'counts')).toMatch(/New sessions 2 2 .*Logins 2 2 .*Logout or destroy\(\) 1 1/);
    expect(partOf(page, 'rejects')).toMatch(/length.* 1 1/);
    expect(readable(page)).toMatch(
      /Begun, last hour 2 2 in 12 hours Ended, last hour 1 .*Rejected, last hour 1/,
    );
  });

  it('shows the key that opens sessions, and when it did so last', async () => {
    const app = await startDashboard({}, { adapter });
    const visitor = app.visitor();
    await visitor.get('/login/ada');
    await visitor.get('/who');
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect(partOf(page, 'keys')).toMatch(/[0-9a-f]{8} seals [1-9]\d* (now|\d+ s ago) it seals/);
  });

  it('lists the devices of a user, ends one and then all, and writes down who did it', async () => {
    const app = await startDashboard({}, { adapter });
    const [phone, laptop] = [app.visitor(), app.visitor()];
    const { text: id } = await phone.get('/login/ada', { 'user-agent': 'Mozilla/5.0 (iPhone) Safari/1' });
    await laptop.get('/login/ada', { 'user-agent': 'Mozilla/5.0 (Windows) Firefox/1' });
    const token = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
    const submit = (form: Record<string, string>) =>
      app.ask(PAGE, { method: 'POST', headers: OPERATOR, form: { subject: 'ada', token, ...form } });

    const listed = await submit({ action: 'list' });
    expect(readable(listed)).toMatch(/Safari on iOS .*Firefox on Windows|Firefox on Windows .*Safari on iOS/);
    const ended = await submit({ action: 'revoke', id });
    expect(readable(ended)).toContain('The session has ended.');
    expect(readable(ended)).not.toContain('Safari on iOS');
    expect((await phone.get('/who')).body).toEqual({ who: null });
    expect((await laptop.get('/who')).body).toEqual({ who: 'ada' });
    expect(readable(await submit({ action: 'revokeSubject' }))).toContain('1 of them were stored');
    expect((await laptop.get('/who')).body).toEqual({ who: null });

    const common = { session: 'default', actor: 'grace', subject: 'ada', failed: undefined };
    expect(app.seen('operatorAction')).toEqual([
      { ...common, action: 'list', id: undefined },
      { ...common, action: 'revoke', id, sessions: 1 },
      { ...common, action: 'revokeSubject', id: undefined, sessions: 1 },
    ]);
  });

  it('ends no session of another user by an id', async () => {
    const app = await startDashboard({}, { adapter });
    const visitor = app.visitor();
    const { text: id } = await visitor.get('/login/ada');
    const token = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
    const form = { action: 'revoke', subject: 'grace', id, token };
    const page = await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form });
    expect((await visitor.get('/who')).body).toEqual({ who: 'ada' });
    expect(readable(page)).toContain('No session has ended');
    expect(page.text).toContain('class="notice wrong"');
    expect(partOf(page, 'recent')).toContain('grace tried to end a session of a user, and none has ended');
    expect(app.seen('operatorAction')).toMatchObject([{ action: 'revoke', sessions: 0, failed: undefined }]);
  });

  it('does nothing for a form without its token, with the token of another operator, or from another site', async () => {
    const app = await startDashboard({}, { adapter });
    const visitor = app.visitor();
    await visitor.get('/login/ada');
    const mine = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
    const others = tokenOf(await app.ask(PAGE, { headers: { 'x-operator': 'mallory' } }));
    const form = { action: 'revokeSubject', subject: 'ada' };
    const answers = [
      await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form }),
      await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form: { ...form, token: others } }),
      await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form: { ...form, token: `${mine}x` } }),
      await app.ask(PAGE, {
        method: 'POST',
        headers: { ...OPERATOR, 'sec-fetch-site': 'cross-site' },
        form: { ...form, token: mine },
      }),
      await app.ask(`${PAGE}?action=revokeSubject&subject=ada&token=${mine}`, {
        headers: OPERATOR,
        method: 'POST',
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await visitor.get('/who')).body).toEqual({ who: 'ada' });
    expect(app.seen('operatorAction')).toEqual([]);
  });

  it('lets nobody act whom the application does not name', async () => {
    const app = await startDashboard({ actor: undefined }, { adapter });
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('<form');
    const form = { action: 'revokeSubject', subject: 'ada' };
    expect((await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form })).status).toBe(403);
  });

  it('escapes what strangers write', async () => {
    const app = await startDashboard({}, { adapter });
    const operator = { 'x-operator': EVIL };
    await app.visitor().get(`/login/${encodeURIComponent(EVIL)}`, { 'user-agent': EVIL });
    const token = tokenOf(await app.ask(PAGE, { headers: operator }));
    const page = await app.ask(`${PAGE}?session=${encodeURIComponent(EVIL)}`, {
      method: 'POST',
      headers: operator,
      form: { action: 'list', subject: EVIL, token },
    });
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('<img');
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });

  it('neither touches nor begins a session, whoever looks at it', async () => {
    class SubjectGuard extends SessionGuard {}
    const clock = new ShiftedClock();
    const options = { guard: SubjectGuard, actor: 'subject' } as const;
    const app = await startDashboard(options, { adapter, replace: [clock.replacement] });
    const visitor = app.visitor();
    await visitor.get('/login/ada');
    clock.ahead += 1000; // a touch and a new id are due
    const before = await app.sessions.list('ada');
    for (let i = 0; i < 3; i++) {
      const page = await visitor.get(PAGE);
      expect([page.status, page.cookies]).toEqual([200, []]);
      expect(page.text).toContain('You act as <b>ada</b>');
    }
    const form = { action: 'list', subject: 'ada', token: tokenOf(await visitor.get(PAGE)) };
    expect(await visitor.submit(PAGE, form)).toMatchObject({ status: 200, cookies: [] });
    expect(await app.sessions.list('ada')).toEqual(before);
    expect((await visitor.get('/who')).cookies).toHaveLength(1);
    expect(app.seen('created')).toHaveLength(1);
  });

  it('stands below a global prefix and beside versions, and its links know nothing of its path', async () => {
    const app = await startDashboard(
      { path: '/internal/' },
      {
        adapter,
        prepare: (app) => app.setGlobalPrefix('api').enableVersioning(),
      },
    );
    const page = await app.ask('/api/internal', { headers: OPERATOR });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/(?:href|action)="(?![?#])/);
  });

  it('shows each of several sessions', async () => {
    const imports = [
      SessionCryptoModule.forRoot({ name: 'admin', crypto: { secrets: [SECRET] }, store: memoryStore() }),
    ];
    const app = await startDashboard({}, { adapter, imports });
    await app.visitor().get('/login/ada');
    const [own, admin] = await Promise.all(
      ['default', 'admin'].map((name) => app.ask(`${PAGE}?session=${name}`, { headers: OPERATOR })),
    );
    expect(partOf(own!, 'counts')).toMatch(/New sessions 1/);
    expect(partOf(admin!, 'counts')).toMatch(/New sessions 0/);
    expect(admin!.text).toMatch(/<a\s+href="\?session=admin"\s+aria-current="page"\s*>admin<\/a/);
  });

  it('shows the keys of a managed ring as the ring sees them', async () => {
    const crypto = { secrets: [SECRET], ring: managedRing({ store: memoryKeyStore() }) };
    const app = await startDashboard({}, { adapter, session: { crypto } });
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect(partOf(page, 'keys')).toMatch(/[0-9a-f]{8} sealing 0 none it seals, or will/);
  });

  it('is there while the store does not respond, and says so', async () => {
    const store = memoryStore();
    const app = await startDashboard({}, { adapter, session: { store, session: { commitTimeout: 1 } } });
    const token = tokenOf(await app.ask(PAGE, { headers: OPERATOR }));
    store.load = store.list = () => new Promise<never>(() => undefined);
    const form = { action: 'list', subject: 'ada', token };
    const page = await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form });
    expect(page.status).toBe(200);
    expect(readable(page)).toContain(
      'The store did not answer, so it is not certain whether anything was done',
    );
    expect(partOf(page, 'recent')).toMatch(
      /grace looked at the devices of a user in vain .*The store does not respond/,
    );
    expect(app.seen('operatorAction')).toMatchObject([{ failed: 'ERR_SESSION_STORE' }]);
  });

  it('says of sessions in cookies that nobody can count or list them', async () => {
    const app = await startDashboard(
      {},
      { adapter, session: { store: cookieStore({ acceptReplay: true }) } },
    );
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect(readable(page)).toContain('Sessions now – the store cannot count them');
    expect(partOf(page, 'processes')).toContain('tells nothing of other processes');
    const form = { action: 'list', subject: 'ada', token: tokenOf(page) };
    const listed = await app.ask(PAGE, { method: 'POST', headers: OPERATOR, form });
    expect(readable(listed)).toContain('cannot list sessions');
    expect(app.seen('operatorAction')).toMatchObject([{ failed: 'ERR_SESSION_UNSUPPORTED' }]);
  });

  it('starts with no session that is not there', async () => {
    await expect(startDashboard({ sessions: ['defualt'] }, { adapter })).rejects.toThrow(
      /dashboard\.sessions\[0\]: is "defualt".*is "default" meant/,
    );
  });

  it('starts neither without options nor without sessions', async () => {
    await expect(startApp({ adapter, session: {}, imports: [SessionDashboardModule] })).rejects.toThrow(
      /SessionDashboardModule\.register\(\{ guard: AdminGuard \}\)/,
    );
    class Alone {}
    Module({ imports: [SessionDashboardModule.register({ guard: OperatorGuard })] })(Alone);
    const { NestFactory } = await import('@nestjs/core');
    const starting = NestFactory.create(Alone, new ADAPTERS[adapter](), {
      logger: false,
      abortOnError: false,
    }).then((app) => app.init());
    await expect(starting).rejects.toThrow(/finds no sessions/);
  });

  it('counts nothing and adds no row where it is not imported', async () => {
    const store = memoryStore();
    const app = await startApp({ adapter, session: { store } });
    expect(app.app.get(SessionService)).toBeDefined();
    expect(await store.scan(undefined, 100)).toEqual([]);
  });
});

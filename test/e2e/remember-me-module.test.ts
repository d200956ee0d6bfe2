import {
  Controller,
  Get,
  Module,
  Post,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExpressAdapter, NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  cookieStore,
  CurrentSession,
  InjectSession,
  memoryStore,
  SessionCryptoModule,
  SessionService,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';
import { InjectRememberMe, RememberMeModule, RememberMeService } from '../../lib/remember-me/index.js';
import { ADAPTERS, Client, SECRET } from '../support/script-app.js';
import {
  ADAPTER_NAMES,
  AppController,
  logInAndRemember,
  rememberApps,
  scripts,
} from './support/remember-app.js';

const { closing } = rememberApps();

describe.each(ADAPTER_NAMES)('RememberMeModule on %s', (adapter) => {
  async function listen(...modules: unknown[]): Promise<{ app: INestApplication; url: string }> {
    const testing = await Test.createTestingModule({ imports: modules as never[] }).compile();
    const platform =
      adapter === 'fastify' ? new FastifyAdapter({ trustProxy: true }) : new ADAPTERS.express();
    const app = testing.createNestApplication(platform as ExpressAdapter, { logger: false });
    if (adapter === 'express') (app as NestExpressApplication).set('trust proxy', true);
    closing.push(() => app.close());
    await app.listen(0, '127.0.0.1');
    return { app, url: (await app.getUrl()).replace('[::1]', '127.0.0.1') };
  }
  const sessions = (more: object = {}) =>
    SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore(), ...more });

  it('sends __Host-remember on a secure connection and reads no other cookie there', async () => {
    @Module({ controllers: [AppController] })
    class Controllers {}
    const remember = RememberMeModule.forRootAsync({ useFactory: () => ({ store: memoryStore() }) });
    const { url } = await listen(sessions(), remember, Controllers);
    const id = randomUUID();
    scripts.set(id, logInAndRemember());
    const secure = { 'x-forwarded-proto': 'https' };
    const answer = await fetch(`${url}/run/${id}`, { method: 'POST', headers: secure });
    const line = answer.headers.getSetCookie().find((one) => one.startsWith('__Host-remember='))!;
    expect(line).toMatch(/; Max-Age=2592000; Path=\/; Secure; HttpOnly; SameSite=Lax; Priority=High$/);
    const value = line.slice('__Host-remember='.length, line.indexOf(';'));
    const who = async (cookie: string, headers: Record<string, string> = secure) =>
      (await fetch(`${url}/who`, { headers: { ...headers, cookie } })).json();
    expect(await who(`remember=${value}`)).toEqual({ subject: null });
    expect(await who(`__Host-remember=${value}`, { 'x-forwarded-proto': 'http' })).toEqual({ subject: null });
    expect(await who(`__Host-remember=${value}`)).toEqual({ subject: 'ada' });
  });

  it('neither remembers nor logs in over a plain connection that is not local', async () => {
    @Module({ controllers: [AppController] })
    class Controllers {}
    const remember = RememberMeModule.forRoot({ store: memoryStore() });
    const { app, url } = await listen(sessions(), remember, Controllers);
    const id = randomUUID();
    scripts.set(id, async (session, rememberMe) => {
      await session.login('ada');
      await rememberMe.remember();
      return (await rememberMe.list('ada')).length;
    });
    const logIn = (headers: Record<string, string>) => fetch(`${url}/run/${id}`, { method: 'POST', headers });
    const distant = await logIn({ via: '1.1 proxy' });
    expect([await distant.json(), distant.headers.getSetCookie()]).toEqual([{ result: 0 }, []]);
    const cookie = (await logIn({})).headers.getSetCookie().map((line) => line.split(';')[0]!)[1]!;
    expect(cookie).toMatch(/^remember=/);
    const who = async (headers: object) =>
      (await fetch(`${url}/who`, { headers: { cookie, ...headers } })).json();
    expect(await who({ via: '1.1 proxy' })).toEqual({ subject: null });
    expect(await who({})).toEqual({ subject: 'ada' });
    expect(await app.get(RememberMeService).list('ada')).toHaveLength(1);
  });

  it('remembers for a named session, with a cookie of its own', async () => {
    @Controller()
    class AdminController {
      constructor(
        @InjectSession('admin') private readonly admin: SessionService,
        @InjectRememberMe('admin') private readonly rememberMe: RememberMeService,
      ) {}

      @Post('login')
      async login() {
        await (await this.admin.current()).login('root');
        await this.rememberMe.remember();
      }

      @Get('who')
      @UseSession('admin')
      who(@CurrentSession() admin: Session, @CurrentSession('default') session: Session) {
        return [admin.subject ?? null, session.subject ?? null];
      }
    }
    @Module({ controllers: [AdminController] })
    class Controllers {}
    const remember = RememberMeModule.forRoot({ session: 'admin', store: memoryStore() });
    const { url } = await listen(sessions(), sessions({ name: 'admin' }), remember, Controllers);
    const client = new Client(url);
    await client.send('POST', '/login');
    client.jar.delete('sid-admin');
    expect([...client.jar.keys()]).toEqual(['remember-admin']);
    expect((await client.get('/who')).body).toEqual(['root', null]);
  });

  it('leaves the mounting to the application with mount: false', async () => {
    @Module({ controllers: [AppController] })
    class Own implements NestModule {
      constructor(private readonly rememberMe: RememberMeService) {}
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(this.rememberMe.middleware).forRoutes('run/*id', 'who');
      }
    }
    const remember = RememberMeModule.forRoot({ store: memoryStore(), mount: false });
    const { url } = await listen(sessions({ mount: false }), remember, Own);
    const client = new Client(url);
    const id = randomUUID();
    scripts.set(id, logInAndRemember());
    await client.send('POST', `/run/${id}`);
    client.jar.delete('sid');
    expect((await client.get('/readonly')).status).toBe(500); // no session is mounted there
    expect((await client.get('/who')).body).toEqual({ subject: 'ada' });
  });

  it('refuses to start without options, or with the table or cookie of a session, or without native keys', async () => {
    const store = memoryStore();
    const format = apache({ secrets: ['a passphrase of httpd'] } as never);
    const wrong: [unknown[], string][] = [
      [[sessions(), RememberMeModule], 'imports'],
      [[sessions({ store }), RememberMeModule.forRoot({ store })], 'rememberMe.store'],
      [[sessions(), RememberMeModule.forRoot({ store, cookie: { name: 'sid' } })], 'rememberMe.cookie.name'],
      [
        [
          SessionCryptoModule.forRoot({ crypto: { format }, store: cookieStore({ acceptReplay: true }) }),
          RememberMeModule.forRoot({ store }),
        ],
        'rememberMe.session',
      ],
    ];
    for (const [modules, path] of wrong)
      await expect(listen(...modules)).rejects.toMatchObject({ faults: [{ path }] });
    closing.length = 0; // what did not start need not be closed
  });
});

describe.each(ADAPTER_NAMES)('an application of NestFactory on %s', (adapter) => {
  it('starts where the adapter exists before the modules', async () => {
    @Module({
      imports: [
        RememberMeModule.forRoot({ store: memoryStore() }),
        SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore() }),
      ],
      controllers: [AppController],
    })
    class AppModule {}
    const platform = new (ADAPTERS[adapter] as typeof ExpressAdapter)();
    const app = await NestFactory.create(AppModule, platform, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const answer = await fetch(`${await app.getUrl()}/nothing`);
    await app.close();
    expect(answer.status).toBe(404);
  });
});

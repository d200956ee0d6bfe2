import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { describe, expect, it } from 'vitest';
import {
  CurrentSession,
  getSessionStoreToken,
  InjectSession,
  memoryStore,
  SessionConfigError,
  SessionCryptoModule,
  SessionService,
  UseSession,
  type Session,
} from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { type AppPlan, launch, SECRET, startApp } from '../support/test-app.js';

const crypto = { secrets: [SECRET] };
const start = (...imports: NonNullable<AppPlan['imports']>) => launch({ adapter: 'fastify', imports });

@Controller()
class SetController {
  @Get()
  set(@CurrentSession() session: Session) {
    session.set('n', 1);
  }
}

describe('SessionCryptoModule', () => {
  it('stops the start when the secret is missing, naming it', async () => {
    const module = SessionCryptoModule.forRoot({
      crypto: { secrets: [process.env['NO_SUCH_SECRET'] as string] },
    });
    await expect(start(module)).rejects.toMatchObject({
      faults: [{ path: 'crypto.secrets[0]', message: expect.stringContaining('is undefined') as string }],
    });
  });

  it('lists all faults at once', async () => {
    const module = SessionCryptoModule.forRoot({
      crypto: { secrets: ['short'], cipher: 'aes512' as never },
      cookie: { name: '__Host-x', domain: 'example.com' },
      session: { idleTimeuot: 3 } as never,
    });
    const error = await start(module).catch((thrown: unknown) => thrown as SessionConfigError);
    expect((error as SessionConfigError).faults.map(({ path }) => path)).toEqual([
      'crypto.cipher',
      'crypto.secrets[0]',
      'cookie.name',
      'session.idleTimeuot',
    ]);
    expect(String(error)).toContain('is "idleTimeout" meant?');
  });

  it('takes its options from @nestjs/config', async () => {
    const settings = registerAs('session', () => ({
      crypto,
      store: memoryStore(),
      cookie: { name: 'configured' },
    }));
    @Module({
      imports: [
        SessionCryptoModule.forRootAsync({
          imports: [ConfigModule.forFeature(settings)],
          inject: [settings.KEY],
          useFactory: (options: ReturnType<typeof settings>) => options,
        }),
      ],
      controllers: [SetController],
    })
    class AppModule {}
    const app = await startApp({ adapter: 'fastify', imports: [AppModule] });
    expect((await app.ask('/')).cookies[0]).toMatch(/^configured=/);
  });

  it('keeps named sessions apart, each with its cookie and its service', async () => {
    @Injectable()
    class Services {
      constructor(
        readonly main: SessionService,
        @InjectSession('admin') readonly admin: SessionService,
      ) {}
    }
    @Controller()
    class AppController {
      constructor(private readonly services: Services) {}
      @Get('both')
      async both(@CurrentSession() main: Session, @CurrentSession('admin') admin: Session) {
        main.set('n', 1);
        admin.set('n', 2);
        return (
          (await this.services.main.current()) === main && (await this.services.admin.current()) === admin
        );
      }
      @Get('admin')
      @UseSession('admin')
      admin(@CurrentSession() session: Session) {
        return session.get('n');
      }
    }
    @Module({
      imports: [
        SessionCryptoModule.forRoot({ crypto, store: memoryStore() }),
        SessionCryptoModule.forRoot({ crypto, store: memoryStore(), name: 'admin' }),
      ],
      controllers: [AppController],
      providers: [Services],
    })
    class AppModule {}
    const visitor = (await startApp({ adapter: 'fastify', imports: [AppModule] })).visitor();
    expect((await visitor.get('/both')).body).toBe(true);
    expect([...visitor.jar.keys()]).toEqual(['sid', 'sid-admin']);
    expect((await visitor.get('/admin')).body).toBe(2);
  });

  it('refuses to be there twice under one name', async () => {
    const module = () => SessionCryptoModule.forRoot({ crypto, store: memoryStore() });
    @Module({ imports: [module(), module()] })
    class AppModule {}
    await expect(start(AppModule)).rejects.toThrow(/2 modules define the session "default"/);
  });

  it('refuses two sessions of one cookie, which would take each other for themselves', async () => {
    @Module({
      imports: [
        SessionCryptoModule.forRoot({ crypto, store: memoryStore() }),
        SessionCryptoModule.forRoot({ crypto, store: memoryStore(), cookie: { name: 'sid' }, name: 'admin' }),
      ],
    })
    class AppModule {}
    await expect(start(AppModule)).rejects.toThrow(
      /cookie\.name: the sessions "\w+" and "\w+" have the same cookie/,
    );
  });

  it('says how to import it, when it stands there bare', async () => {
    await expect(start(SessionCryptoModule)).rejects.toThrow(/write SessionCryptoModule\.forRoot/);
  });

  it('says which package, table or DataSource is missing', async () => {
    const module = SessionCryptoModule.forRoot({ crypto, store: typeOrmStore() });
    await expect(start(module)).rejects.toThrow(/store\.dataSource: no default DataSource is known/);
  });

  it('lets a test put another store in its place', async () => {
    const store = memoryStore();
    const app = await startApp({
      adapter: 'fastify',
      session: { store: typeOrmStore() },
      controllers: [SetController],
      replace: [[getSessionStoreToken(), store]],
    });
    await app.ask('/');
    expect(await store.count()).toBe(1);
  });
});

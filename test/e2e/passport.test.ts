import {
  Controller,
  Get,
  Injectable,
  Post,
  Req,
  Res,
  UseGuards,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import type { Request, RequestHandler, Response } from 'express';
import { CurrentSession, CurrentSubject, SessionGuard, type Session } from 'nestjs-session-crypto';
import { expressSession, type ExpressSessionOptions } from 'nestjs-session-crypto/express';
import passport, { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import OAuth2Strategy from 'passport-oauth2';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';
import { SERVER_STORES } from '../support/stores.js';
import { startApp, TestApp } from '../support/test-app.js';
import { OauthProvider } from './support/oauth-provider.js';

type Store = Parameters<typeof startApp>[0]['session'] extends infer P ? NonNullable<P> : never;
type Loose = Request & { session: Record<string, unknown>; flash(key: string): string[] };

const bySubject: ExpressSessionOptions = { subjectFrom: (data) => data.passport?.user };
const form = (username: string, password = 'right') => ({ form: { username, password } });

/** connect-flash has no types of its own. */
const flash = createRequire(import.meta.url)('connect-flash') as () => RequestHandler;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

type Own = InstanceType<typeof Passport>;

/** A Passport that knows everybody whose password is `right`. */
function localPassport(): Own {
  const own = new Passport();
  own.use(
    new LocalStrategy((username, password, done) =>
      password === 'right' ? done(null, { id: username }) : done(null, false, { message: 'Wrong password' }),
    ),
  );
  own.serializeUser((user, done) => done(null, (user as { id: string }).id));
  own.deserializeUser((id, done) => done(null, { id }));
  return own;
}

@Controller()
class SubjectController {
  @Get('subject')
  @UseGuards(SessionGuard)
  subject(@CurrentSubject() subject: string) {
    return subject;
  }
}

/** Mounts what an application with Passport has: login, logout, and pages that show what is kept. */
function mountPassport(app: INestApplication, own: Own, options?: ExpressSessionOptions): void {
  app.use(expressSession(app, options));
  app.use(flash(), own.initialize(), own.session());
  const on = (path: string, ...handlers: RequestHandler[]) => app.use(path, ...handlers);
  on(
    '/login',
    own.authenticate('local', { failureRedirect: '/shown', failureFlash: true }) as RequestHandler,
    redirectHome,
  );
  on('/login-keep', own.authenticate('local', { keepSessionInfo: true }) as RequestHandler, redirectHome);
  on(
    '/messages',
    own.authenticate('local', { failureRedirect: '/shown', failureMessage: true }) as RequestHandler,
  );
  on('/logout-keep', (request, response, next) =>
    request.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : response.redirect('/shown'))),
  );
  on('/logout', (request, response, next) =>
    request.logout((error) => (error ? next(error) : response.redirect('/shown'))),
  );
  on('/cart', (request, response) => {
    (request as Loose).session['cart'] = ['book'];
    response.send('kept');
  });
  on('/shown', (request, response) => {
    const { session, user } = request as Loose;
    response.json({
      user: (user as { id?: string } | undefined)?.id,
      cart: session['cart'],
      messages: session['messages'],
      flash: (request as Loose).flash('error'),
    });
  });
}

const redirectHome: RequestHandler = (_request, response) => response.redirect('/shown');

describe.each(SERVER_STORES)('Passport over the %s store', (_, storeOf) => {
  describe.each<[string, ExpressSessionOptions | undefined]>([
    ['keeps its user as a value', undefined],
    ['makes its user the subject', bySubject],
  ])('%s and', (_, options) => {
    let app: TestApp;
    beforeAll(async () => {
      app = await startApp({
        session: { store: storeOf(database) },
        controllers: [SubjectController],
        prepare: (nest) => {
          nest.use((request: Request, _: Response, next: () => void) => {
            // Express of Nest parses forms when it starts; these routes are mounted before.
            let text = '';
            if (request.method !== 'POST') return next();
            request.on('data', (chunk) => (text += String(chunk)));
            request.on('end', () => {
              request.body = Object.fromEntries(new URLSearchParams(text));
              next();
            });
          });
          mountPassport(nest, localPassport(), options);
        },
      });
    });

    it('logs in and out', async () => {
      const visitor = app.visitor();
      await visitor.send('POST', '/login', form('ada'));
      expect((await visitor.get('/shown')).body).toMatchObject({ user: 'ada' });
      const thief = visitor.copy();
      expect((await visitor.get('/logout')).status).toBe(302);
      expect((await visitor.get('/shown')).body).not.toHaveProperty('user');
      expect((await thief.get('/shown')).body).not.toHaveProperty('user');
    });

    it('gives a login another id, and the old one leads nowhere', async () => {
      const visitor = app.visitor();
      await visitor.get('/cart');
      const planted = visitor.copy();
      await visitor.send('POST', '/login', form('ada'));
      expect((await visitor.get('/shown')).body).toEqual({ user: 'ada', flash: [] });
      expect((await planted.get('/shown')).body).toEqual({ flash: [] });
    });

    it('keeps what the visitor had with keepSessionInfo', async () => {
      const visitor = app.visitor();
      await visitor.get('/cart');
      await visitor.send('POST', '/login-keep', form('ada'));
      expect((await visitor.get('/shown')).body).toEqual({ user: 'ada', cart: ['book'], flash: [] });
      await visitor.get('/logout-keep');
      expect((await visitor.get('/shown')).body).toEqual({ cart: ['book'], flash: [] });
    });

    it('keeps the flash and the message of a failed login over the redirect', async () => {
      const visitor = app.visitor();
      expect((await visitor.send('POST', '/login', form('ada', 'wrong'))).headers.location).toBe('/shown');
      expect((await visitor.get('/shown')).body).toEqual({ flash: ['Wrong password'] });
      expect((await visitor.get('/shown')).body).toEqual({ flash: [] });
      await visitor.send('POST', '/messages', form('ada', 'wrong'));
      expect((await visitor.get('/shown')).body).toMatchObject({ messages: ['Wrong password'] });
    });
  });

  it('has a user for SessionGuard, the list of devices and revocation', async () => {
    const app = await startWithAuthGuard({ store: storeOf(database) }, bySubject);
    const [phone, laptop, other] = [app.visitor(), app.visitor(), app.visitor()];
    for (const visitor of [phone, laptop]) await visitor.send('POST', '/nest/login', form('grace'));
    await other.send('POST', '/nest/login', form('joan'));
    expect((await phone.get('/subject')).text).toBe('grace');
    expect(await app.sessions.list('grace')).toHaveLength(2);
    expect(await app.sessions.revokeSubject('grace')).toBe(2);
    expect((await phone.get('/subject')).status).toBe(401);
    expect((await laptop.get('/nest/me')).body).toEqual({});
    expect((await other.get('/nest/me')).body).toEqual({ user: 'joan' });
    await other.send('POST', '/nest/logout');
    expect((await other.get('/subject')).status).toBe(401);
    expect(await app.sessions.list('joan')).toHaveLength(0);
  });
});

@Injectable()
class LocalNestStrategy extends PassportStrategy(LocalStrategy) {
  validate(username: string, password: string) {
    return password === 'right' ? { id: username } : undefined;
  }
}

/** AuthGuard('local') with `session: true`, as Nest's users write it. */
@Injectable()
class LoginGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const isKnown = (await super.canActivate(context)) as boolean;
    await super.logIn(context.switchToHttp().getRequest());
    return isKnown;
  }
}

@Controller('nest')
class NestPassportController {
  @Post('login')
  @UseGuards(LoginGuard)
  login(@Req() request: Request) {
    return { user: (request.user as { id: string }).id };
  }

  /** The other way: the handler tells the session, and Passport only checks the password. */
  @Post('subject')
  @UseGuards(AuthGuard('local'))
  async subject(@Req() request: Request, @CurrentSession() session: Session) {
    await session.login((request.user as { id: string }).id);
  }

  @Post('logout')
  logout(@Req() request: Request, @Res() response: Response) {
    request.logout((error) => response.status(error ? 500 : 204).end());
  }

  @Get('me')
  me(@Req() request: Request) {
    return { user: (request.user as { id: string } | undefined)?.id };
  }
}

const startWithAuthGuard = (session: Store, options?: ExpressSessionOptions): Promise<TestApp> =>
  startApp({
    session,
    imports: [PassportModule.register({ session: true })],
    controllers: [NestPassportController, SubjectController],
    providers: [LocalNestStrategy],
    prepare: (app) => {
      passport.serializeUser((user, done) => done(null, (user as { id: string }).id));
      passport.deserializeUser((id, done) => done(null, { id }));
      app.use(expressSession(app, options), passport.initialize(), passport.session());
    },
  });

describe("AuthGuard('local') with session: true", () => {
  it('logs in and out', async () => {
    const visitor = (await startWithAuthGuard({})).visitor();
    expect((await visitor.send('POST', '/nest/login', form('ada', 'wrong'))).status).toBe(401);
    expect(visitor.jar.size).toBe(0);
    expect((await visitor.send('POST', '/nest/login', form('ada'))).body).toEqual({ user: 'ada' });
    expect((await visitor.get('/nest/me')).body).toEqual({ user: 'ada' });
    expect((await visitor.send('POST', '/nest/logout')).status).toBe(204);
    expect((await visitor.get('/nest/me')).body).toEqual({});
  });

  it('may leave the login to session.login() in the handler', async () => {
    const visitor = (await startWithAuthGuard({})).visitor();
    expect((await visitor.send('POST', '/nest/subject', form('ada'))).status).toBe(201);
    expect((await visitor.get('/subject')).text).toBe('ada');
  });

  it('stores a login by one statement', async () => {
    const [, storeOf] = SERVER_STORES[1]!;
    const app = await startWithAuthGuard({ store: storeOf(database) }, bySubject);
    const login = () => app.visitor().send('POST', '/nest/login', form('ada'));
    expect(await statementsOf(login)).toHaveLength(1);
  });

  it('is told by a response when the user is no text', async () => {
    const app = await startWithAuthGuard({}, { subjectFrom: () => ({ id: 1 }) });
    const { status } = await app.visitor().send('POST', '/nest/login', form('ada'));
    expect(status).toBe(500);
  });
});

describe('passport-oauth2', () => {
  it.each([
    ['state', { state: true }],
    ['state and PKCE', { state: true, pkce: true }],
  ])('keeps its %s over the redirect', async (_, options) => {
    const provider = await OauthProvider.start();
    const own = new Passport();
    own.serializeUser((user, done) => done(null, (user as { id: string }).id));
    own.deserializeUser((id, done) => done(null, { id }));
    const app = await startApp({
      session: {},
      controllers: [SubjectController],
      prepare(nest) {
        const strategy = () =>
          own.use(
            new OAuth2Strategy(
              {
                authorizationURL: `${provider.url}/authorize`,
                tokenURL: `${provider.url}/token`,
                clientID: 'client',
                clientSecret: 'secret',
                callbackURL: '/callback',
                ...options,
              } as unknown as OAuth2Strategy.StrategyOptions,
              (token: string, _refresh: string, _profile: object, done: OAuth2Strategy.VerifyCallback) =>
                done(null, { id: token.replace('token-of-', '') }),
            ),
          );
        strategy();
        nest.use(expressSession(nest, bySubject), own.initialize(), own.session());
        nest.use('/callback', own.authenticate('oauth2', { successRedirect: '/subject' }));
        nest.use('/start', own.authenticate('oauth2'));
      },
    });
    const visitor = app.visitor();
    const start = await visitor.get('/start');
    const back = await visitor.get(String(start.headers.location));
    const callback = String(back.headers.location);
    expect((await app.visitor().get(callback)).status).toBe(403); // another browser has no state
    expect((await visitor.get(callback)).headers.location).toBe('/subject');
    expect((await visitor.get('/subject')).text).toBe('ada');
    expect((await visitor.get(callback)).status).not.toBe(302); // a state counts once
  });
});

import { Controller, Get, Injectable, Post, Req, Res, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import fastifyPassport from '@fastify/passport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentSubject, SessionGuard } from 'nestjs-session-crypto';
import type { FastifySession, FastifySessionOptions } from 'nestjs-session-crypto/express';
import { Strategy as LocalStrategy } from 'passport-local';
import OAuth2Strategy from 'passport-oauth2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { SERVER_STORES } from '../support/stores.js';
import { FastifyApp, type FastifyPlan } from './support/fastify-app.js';
import { OauthProvider } from './support/oauth-provider.js';

type Passport = InstanceType<typeof fastifyPassport.Authenticator>;
type Strategies = Parameters<Passport['use']>[1];
interface User {
  readonly id: string;
}

const bySubject: FastifySessionOptions = { subjectFrom: (data) => data.passport };
const form = (username: string, password = 'right') => ({ form: { username, password } });

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

@Controller()
class SubjectController {
  @Get('subject')
  @UseGuards(SessionGuard)
  subject(@CurrentSubject() subject: string) {
    return subject;
  }
}

/** A Passport that knows everybody whose password is `right`. */
function passportOf(options?: ConstructorParameters<typeof fastifyPassport.Authenticator>[0]): Passport {
  const passport = new fastifyPassport.Authenticator(options);
  passport.registerUserSerializer(async (user: User) => user.id);
  passport.registerUserDeserializer(async (id: string): Promise<User> => ({ id }));
  const local = new LocalStrategy((username, password, done) =>
    password === 'right' ? done(null, { id: username }) : done(null, false, { message: 'Wrong password' }),
  );
  return passport.use(local as unknown as Strategies);
}

/** Adds login, logout, and pages that show what is kept. */
async function addPages(app: NestFastifyApplication, passport: Passport): Promise<void> {
  await app.register(passport.initialize());
  await app.register(passport.secureSession());
  const fastify = app.getHttpAdapter().getInstance();
  const login = (options: object) => ({ preValidation: passport.authenticate('local', options) });
  const shown = { successRedirect: '/shown' };
  fastify.post(
    '/login',
    login({ ...shown, failureRedirect: '/shown', failureFlash: 'Wrong password' }),
    () => undefined,
  );
  fastify.post('/messages', login({ failureRedirect: '/shown', failureMessage: true }), () => undefined);
  fastify.post('/login-keep', login({ ...shown, keepSessionInfo: true }), () => undefined);
  fastify.get('/logout', (request, reply) => request.logOut().then(() => reply.redirect('/shown')));
  fastify.get('/cart', (request, reply) => {
    (request as unknown as { session: FastifySession }).session.set('cart', ['book']);
    void reply.send('kept');
  });
  fastify.get('/shown', (request, reply) => {
    const { session, user } = request as unknown as { session: Record<string, unknown>; user?: User };
    const { cart, messages } = session;
    void reply.send({ user: user?.id, cart, messages, flash: reply.flash('error') });
  });
}

const start = (options: FastifySessionOptions | undefined, plan: FastifyPlan = {}, passport = passportOf()) =>
  FastifyApp.start({
    session: {},
    controllers: [SubjectController],
    fastify: options,
    plugins: (app) => addPages(app, passport),
    ...plan,
  });

describe.each(SERVER_STORES)('@fastify/passport over the %s store', (_, storeOf) => {
  describe.each<[string, FastifySessionOptions | undefined]>([
    ['keeps its user as a value', undefined],
    ['makes its user the subject', bySubject],
  ])('%s and', (_, options) => {
    let app: FastifyApp;
    beforeAll(async () => {
      app = await start(options, { session: { store: storeOf(database) } });
    });

    it('logs in and out', async () => {
      const visitor = app.visitor();
      await visitor.send('POST', '/login', form('ada'));
      expect((await visitor.get('/shown')).body).toMatchObject({ user: 'ada' });
      const thief = visitor.copy();
      expect((await visitor.get('/logout')).status).toBe(302);
      expect((await visitor.get('/shown')).body).toEqual({ flash: [] });
      expect((await thief.get('/shown')).body).toEqual({ flash: [] });
    });

    it('gives a login another id, and the old one leads nowhere', async () => {
      const visitor = app.visitor();
      await visitor.get('/cart');
      const planted = visitor.copy();
      await visitor.send('POST', '/login', form('ada'));
      expect((await visitor.get('/shown')).body).toEqual({ user: 'ada', flash: [] });
      expect((await planted.get('/shown')).body).toEqual({ flash: [] });
    });

    it('keeps what the visitor had with keepSessionInfo, also over the login of another user', async () => {
      const visitor = app.visitor();
      await visitor.get('/cart');
      for (const user of ['ada', 'lin']) {
        await visitor.send('POST', '/login-keep', form(user));
        expect((await visitor.get('/shown')).body).toEqual({ user, cart: ['book'], flash: [] });
      }
      if (options) expect((await visitor.get('/subject')).text).toBe('lin');
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
    const app = await start(bySubject, { session: { store: storeOf(database) } });
    const [phone, laptop, other] = [app.visitor(), app.visitor(), app.visitor()];
    for (const visitor of [phone, laptop]) await visitor.send('POST', '/login', form('grace'));
    await other.send('POST', '/login', form('joan'));
    expect((await phone.get('/subject')).text).toBe('grace');
    expect(await app.sessions.list('grace')).toHaveLength(2);
    expect(await app.sessions.revokeSubject('grace')).toBe(2);
    expect((await phone.get('/subject')).status).toBe(401);
    expect((await laptop.get('/shown')).body).toEqual({ flash: [] });
    expect((await other.get('/shown')).body).toMatchObject({ user: 'joan' });
    await other.get('/logout');
    expect((await other.get('/subject')).status).toBe(401);
    expect(await app.sessions.list('joan')).toHaveLength(0);
  });

  it('keeps all values over login and logout without clearSessionOnLogin, and the user only in between', async () => {
    const passport = passportOf({ clearSessionOnLogin: false });
    const app = await start(bySubject, { session: { store: storeOf(database) } }, passport);
    const visitor = app.visitor();
    await visitor.get('/cart');
    await visitor.send('POST', '/login', form('ada'));
    expect((await visitor.get('/shown')).body).toEqual({ user: 'ada', cart: ['book'], flash: [] });
    const thief = visitor.copy();
    await visitor.get('/logout');
    expect((await visitor.get('/shown')).body).toEqual({ cart: ['book'], flash: [] });
    expect((await thief.get('/shown')).body).toEqual({ flash: [] });
  });
});

@Injectable()
class LocalNestStrategy extends PassportStrategy(LocalStrategy) {
  validate(username: string, password: string): User | undefined {
    return password === 'right' ? { id: username } : undefined;
  }
}

@Controller('nest')
class NestPassportController {
  /** The guard checks the password, and @fastify/passport keeps the user. */
  @Post('login')
  @UseGuards(AuthGuard('local'))
  async login(@Req() request: FastifyRequest) {
    await request.logIn(request.user);
  }

  @Post('logout')
  async logout(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await request.logOut();
    return reply.status(204).send();
  }

  @Get('me')
  me(@Req() request: FastifyRequest) {
    return { user: (request.user as User | undefined)?.id };
  }
}

it("lets AuthGuard('local') check the password", async () => {
  const plan = { controllers: [NestPassportController, SubjectController], providers: [LocalNestStrategy] };
  const visitor = (await start(bySubject, plan)).visitor();
  expect((await visitor.send('POST', '/nest/login', form('ada', 'wrong'))).status).toBe(401);
  expect(visitor.jar.size).toBe(0);
  expect((await visitor.send('POST', '/nest/login', form('ada'))).status).toBe(201);
  expect((await visitor.get('/nest/me')).body).toEqual({ user: 'ada' });
  expect((await visitor.get('/subject')).text).toBe('ada');
  expect((await visitor.send('POST', '/nest/logout')).status).toBe(204);
  expect((await visitor.get('/nest/me')).body).toEqual({});
});

it.each([
  ['state', { state: true }],
  ['state and PKCE', { state: true, pkce: true }],
])('keeps the %s of passport-oauth2 over the redirect', async (_, options) => {
  const provider = await OauthProvider.start();
  const passport = passportOf();
  const strategy = new OAuth2Strategy(
    {
      authorizationURL: `${provider.url}/authorize`,
      tokenURL: `${provider.url}/token`,
      clientID: 'client',
      clientSecret: 'secret',
      callbackURL: 'http://app.example/callback', // a path needs request.connection, which Fastify lacks
      ...options,
    } as unknown as OAuth2Strategy.StrategyOptions,
    (token: string, _refresh: string, _profile: object, done: OAuth2Strategy.VerifyCallback) =>
      done(null, { id: token.replace('token-of-', '') }),
  );
  passport.use(strategy as unknown as Strategies);
  const app = await FastifyApp.start({
    session: {},
    controllers: [SubjectController],
    fastify: bySubject,
    async plugins(nest) {
      await nest.register(passport.initialize());
      await nest.register(passport.secureSession());
      const fastify = nest.getHttpAdapter().getInstance();
      fastify.get('/start', { preValidation: passport.authenticate('oauth2') }, () => undefined);
      const back = passport.authenticate('oauth2', { successRedirect: '/subject' });
      fastify.get('/callback', { preValidation: back }, () => undefined);
    },
  });
  const visitor = app.visitor();
  const first = await visitor.get('/start');
  const back = await visitor.get(String(first.headers.location));
  const { pathname, search } = new URL(String(back.headers.location));
  const callback = pathname + search;
  expect((await app.visitor().get(callback)).status).toBe(403); // another browser has no state
  expect((await visitor.get(callback)).headers.location).toBe('/subject');
  expect((await visitor.get('/subject')).text).toBe('ada');
  expect((await visitor.get(callback)).status).not.toBe(302); // a state counts once
});

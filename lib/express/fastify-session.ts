import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OptionNames } from '../errors/check-names.js';
import { setFacts, type PlatformFacts } from '../http/connection.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { findHooks } from '../request/request-hooks.js';
import { sessionMiddleware } from '../session.middleware.js';
import { claimManager, faultOf, ON_FASTIFY, type Application } from './check-application.js';
import { checkOptions } from './check-options.js';
import type { FastifySessionOptions } from './express-session.interface.js';
import { FastifySession } from './fastify-session.object.js';
import { SessionProperty } from './session-property.js';

const NAMES: OptionNames<FastifySessionOptions> = { name: true, subjectFrom: true };

/** What stands behind `request.session`, on a request of Fastify. */
const PROPERTY = Symbol('fastify-session');
type Carrier = PlatformFacts & { readonly raw: IncomingMessage; [PROPERTY]?: SessionProperty | null };
type Done = (error?: Error) => void;

/** The part of a Fastify instance that is used here. */
interface Fastify {
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string | symbol, value: object | null): unknown;
  addHook(
    name: 'onRequest',
    hook: (request: Carrier, reply: { raw: ServerResponse }, done: Done) => void,
  ): unknown;
}

/** A plugin of Fastify, of whichever major version. */
export type FastifySessionPlugin = (instance: Fastify, options: unknown, done: Done) => void;

const SESSION = {
  getter(this: Carrier): FastifySession | undefined {
    return this[PROPERTY]?.value as FastifySession | undefined;
  },
  setter(this: Carrier, value: unknown): void {
    this[PROPERTY]?.assign(value);
  },
};

/** Returns a plugin that gives every request of Fastify a `request.session` with the interface of @fastify/session and
 *  @fastify/secure-session, over the session of this package:
 *
 *      const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
 *      await app.register(fastifySession(app));
 *
 *  A request that brings a cookie waits until its session is loaded. Throws a SessionConfigError if the application has no
 *  such session, does not run on Fastify, has started, or has a `request.session` already. */
export function fastifySession(app: Application, options: FastifySessionOptions = {}): FastifySessionPlugin {
  checkOptions('fastifySession()', options, NAMES);
  const manager = claimManager(app, options.name ?? DEFAULT_SESSION, ON_FASTIFY);
  const bringSessions = sessionMiddleware(manager);
  const plugin = (fastify: Fastify, _: unknown, done: Done) => {
    if (fastify.hasRequestDecorator('session')) return done(faultOf(ON_FASTIFY, BESIDE));
    fastify.decorateRequest(PROPERTY, null);
    fastify.decorateRequest('session', SESSION);
    fastify.addHook('onRequest', onRequest);
    done();
  };

  function onRequest(request: Carrier, { raw }: { raw: ServerResponse }, done: Done): void {
    setFacts(request.raw, request);
    bringSessions(request.raw, raw, (error) => {
      if (error !== undefined) return done(error as Error);
      const hooks = findHooks(manager.name, request.raw)!;
      const property = new SessionProperty(hooks, FastifySession, options);
      request[PROPERTY] = property;
      hooks.attach(property);
      const waiting = hooks.prepare()?.then(() => property.endIfOver()) ?? property.endIfOver();
      if (waiting) waiting.then(() => done(), done);
      else done();
    });
  }

  return Object.assign(plugin, OUTSIDE);
}

/** Fastify keeps what a plugin adds inside of it, unless the plugin says that it is for the whole application. */
const OUTSIDE = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'nestjs-session-crypto',
};

const BESIDE =
  'stands beside another plugin that makes request.session; remove app.register(fastifySession, { … }) of @fastify/session or @fastify/secure-session, because app.register(fastifySession(app)) takes its place, and keep one fastifySession()';

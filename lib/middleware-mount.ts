import type { MiddlewareConsumer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { setFacts } from './http/connection.js';
import { makeWithPrototypes } from './http/express-classes.js';
import { beforeHandle, moveToFront } from './http/express-stack.js';
import { putHookInFront, type FastifyHook } from './http/fastify-hooks.js';
import { prepareRequest } from './request/prepare-request.js';
import type { ContextMiddleware, sessionMiddleware } from './session.middleware.js';

type Middleware = ReturnType<typeof sessionMiddleware>;
/** A middleware of Express, or one that handles errors, which has four parameters. */
type Handler = (...args: never[]) => void;

/** The part of Nest's HTTP adapter that is used here; an application without HTTP has no adapter. */
type Adapter =
  { use(middleware: Handler): unknown; getType?(): string; getInstance?(): unknown } | null | undefined;

/** Mounts a module's middleware once, before all handlers, body parsers and other middleware, so that it also covers the
 *  responses of those.
 *
 *  On Fastify it is mounted as soon as the adapter exists, because the context of a plugin copies what was mounted before
 *  it was made, and nothing later. There it is a hook: middie gives each request eight properties and reads its path again,
 *  as soon as there is any middleware. On other adapters it is mounted when Nest mounts the middleware of modules, because the
 *  first `use()` fixes settings of Express's router that the application may still change. On Express it then moves to the
 *  front, and each request is prepared for it; other adapters run it after `app.use()` and the body parsers. */
export class MiddlewareMount {
  private mounted = false;
  private inFront = false;
  private middleware: Middleware | undefined;

  /** @param make is called with the first request, since Nest may have its adapter before it has made the providers.
   *  @param context runs on Express behind `app.use()` and the body parsers. */
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly make: () => Middleware,
    private readonly context?: ContextMiddleware,
  ) {
    host.init$?.subscribe(() => {
      const { httpAdapter } = host;
      this.mounted =
        isFastify(httpAdapter) &&
        (putHookInFront(instanceOf(httpAdapter), this.hook) || mount(httpAdapter, this.run));
    });
  }

  /** Is for `configure()` of a module. */
  configure(consumer: MiddlewareConsumer): void {
    if (this.mounted) return;
    const { httpAdapter } = this.host;
    this.mounted = !isFastify(httpAdapter) && mount(httpAdapter, this.run);
    if (!this.mounted) return void consumer.apply(this.run).forRoutes('{*splat}');
    this.inFront = isExpress(httpAdapter) && moveToFront(httpAdapter.getInstance(), this.run);
    if (!this.inFront) return;
    beforeHandle(httpAdapter.getInstance(), prepareRequest);
    makeWithPrototypes(httpAdapter.getHttpServer(), httpAdapter.getInstance());
    if (this.context) httpAdapter.use(this.context.onRequest);
  }

  /** Is for `onModuleInit()` of a module, when Nest has mounted the routes and not yet its filter for errors: only requests
   *  that no route has answered pass what is mounted here. */
  configureErrors(): void {
    if (this.inFront && this.context) this.host.httpAdapter.use(this.context.onError);
  }

  /** Is for Fastify, which gives a hook its own request and needs no middie for it. */
  private readonly hook: FastifyHook = (request, reply, done) => {
    setFacts(request.raw, request);
    this.run(request.raw, reply.raw, done as (error?: unknown) => void);
  };

  private readonly run: Middleware = (request, response, next) =>
    (this.middleware ??= this.make())(request, response, next);
}

const isFastify = (adapter: Adapter): boolean => adapter?.getType?.() === 'fastify';
const instanceOf = (adapter: Adapter): unknown => adapter?.getInstance?.();
const isExpress = (adapter: Adapter): boolean => adapter?.getType?.() === 'express';

/** Mounts on the adapter itself. Nest's wrapper would cost a WeakSet entry, a match of the path and an exception zone for
 *  each request. Returns false for an adapter that takes no middleware yet, such as Fastify without middie. */
function mount(adapter: Adapter, middleware: Handler): boolean {
  try {
    adapter!.use(middleware);
    return true;
  } catch {
    return false;
  }
}

/** Reports whether the router tells `/A` from `/a`. By default Fastify does and Express does not. */
export function isCaseSensitive(adapter: Adapter): boolean {
  const { initialConfig, get } = Object(adapter?.getInstance?.()) as {
    initialConfig?: { caseSensitive?: boolean; routerOptions?: { caseSensitive?: boolean } };
    get?(setting: string): unknown;
  };
  if (isFastify(adapter))
    return initialConfig?.routerOptions?.caseSensitive ?? initialConfig?.caseSensitive ?? true;
  return Boolean(typeof get === 'function' && get.call(adapter!.getInstance!(), 'case sensitive routing'));
}

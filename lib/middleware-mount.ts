import type { MiddlewareConsumer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { moveToFront } from './http/express-stack.js';
import type { sessionMiddleware } from './session.middleware.js';

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
 *  it was made, and nothing later. On other adapters it is mounted when Nest mounts the middleware of modules, because the
 *  first `use()` fixes settings of Express's router that the application may still change. On Express it then moves to the
 *  front; other adapters run it after `app.use()` and the body parsers. */
export class MiddlewareMount {
  private mounted = false;
  private middleware: Middleware | undefined;

  /** @param make is called with the first request, since Nest may have its adapter before it has made the providers.
   *  @param behindParsers run on Express behind `app.use()` and the body parsers too. */
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly make: () => Middleware,
    private readonly behindParsers: readonly Handler[] = [],
  ) {
    host.init$?.subscribe(() => {
      this.mounted = isFastify(host.httpAdapter) && mount(host.httpAdapter, this.run);
    });
  }

  /** Is for `configure()` of a module. */
  configure(consumer: MiddlewareConsumer): void {
    if (this.mounted) return;
    const { httpAdapter } = this.host;
    this.mounted = !isFastify(httpAdapter) && mount(httpAdapter, this.run);
    if (!this.mounted) return void consumer.apply(this.run).forRoutes('{*splat}');
    if (!isExpress(httpAdapter) || !moveToFront(httpAdapter.getInstance(), this.run)) return;
    for (const handler of this.behindParsers) httpAdapter.use(handler);
  }

  private readonly run: Middleware = (request, response, next) =>
    (this.middleware ??= this.make())(request, response, next);
}

const isFastify = (adapter: Adapter): boolean => adapter?.getType?.() === 'fastify';
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

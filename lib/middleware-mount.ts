import type { MiddlewareConsumer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { sessionMiddleware } from './session.middleware.js';

type Middleware = ReturnType<typeof sessionMiddleware>;

/** What of Nest's HTTP adapter matters here; without HTTP there is none. */
type Adapter =
  { use(middleware: Middleware): unknown; getType?(): string; getInstance?(): unknown } | null | undefined;

/** Brings a module's middleware before all handlers, once.
 *
 *  On Fastify as soon as its adapter is there: a plugin's context takes over what was mounted before it was made, and
 *  nothing later. On the others where Nest begins to mount the middleware of modules: after `app.use()`, which may lose
 *  what AsyncLocalStorage keeps, and the body parsers. */
export class MiddlewareMount {
  private mounted = false;
  private middleware: Middleware | undefined;

  /** `make` is called when the first request comes, since Nest may have its adapter before it has made the providers. */
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly make: () => Middleware,
  ) {
    host.init$?.subscribe(() => {
      this.mounted = isFastify(host.httpAdapter) && mount(host.httpAdapter, this.run);
    });
  }

  /** For `configure()` of a module. */
  configure(consumer: MiddlewareConsumer): void {
    if (this.mounted) return;
    const { httpAdapter } = this.host;
    this.mounted = !isFastify(httpAdapter) && mount(httpAdapter, this.run);
    if (!this.mounted) consumer.apply(this.run).forRoutes('{*splat}');
  }

  private readonly run: Middleware = (request, response, next) =>
    (this.middleware ??= this.make())(request, response, next);
}

const isFastify = (adapter: Adapter): boolean => adapter?.getType?.() === 'fastify';

/** Without Nest's wrapper, which costs a WeakSet entry, a match of the path and an exception zone for each request. It
 *  throws where an adapter does not take middleware yet, such as Fastify without middie. */
function mount(adapter: Adapter, middleware: Middleware): boolean {
  try {
    adapter!.use(middleware);
    return true;
  } catch {
    return false;
  }
}

/** Whether the router takes `/A` for `/a`: Express does unless it is told otherwise, Fastify does not. */
export function isCaseSensitive(adapter: Adapter): boolean {
  const { initialConfig, get } = Object(adapter?.getInstance?.()) as {
    initialConfig?: { caseSensitive?: boolean; routerOptions?: { caseSensitive?: boolean } };
    get?(setting: string): unknown;
  };
  if (isFastify(adapter))
    return initialConfig?.routerOptions?.caseSensitive ?? initialConfig?.caseSensitive ?? true;
  return Boolean(typeof get === 'function' && get.call(adapter!.getInstance!(), 'case sensitive routing'));
}

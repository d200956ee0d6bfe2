import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request as the platform gives it to a handler. */
export interface DashboardRequest {
  readonly headers: IncomingHttpHeaders;
  /** The raw request on Fastify. */
  readonly raw?: IncomingMessage;
  /** What guards often put there. */
  readonly user?: unknown;
}

/** A class or an instance, as in `@UseGuards()`. */
export type DashboardGuard = Type<CanActivate> | CanActivate;

/** The options of `SessionDashboardModule.register`. */
export interface SessionDashboardOptions {
  /** Who may see the page, and log users out on it. All of a list have to agree. There is no default. A guard that reads metadata of
   *  the handler, such as `@Roles()`, needs that in {@link decorators}: without it many such guards admit everybody. */
  readonly guard: DashboardGuard | readonly DashboardGuard[];
  /** The path of the page, below the application's global prefix. @default 'ops/sessions' */
  readonly path?: string;
  /** Who acts: a name for the audit event `operatorAction`. `'subject'` is the subject of the session that the request has. Without it, or
   *  where it returns nothing, the page shows figures and lets nobody act. @default none */
  readonly actor?: 'subject' | ActorOf['actor'];
  /** Decorators of the page's controller, such as `Roles(['admin'])`. @default none */
  readonly decorators?: readonly ClassDecorator[];
  /** Modules that the guard's own dependencies come from. @default none */
  readonly imports?: ModuleMetadata['imports'];
  /** The names of the sessions that the page shows, in its order. @default all */
  readonly sessions?: readonly string[];
}

/** A method, so that a function may name the request's own type. */
interface ActorOf {
  actor(request: DashboardRequest): string | undefined | Promise<string | undefined>;
}

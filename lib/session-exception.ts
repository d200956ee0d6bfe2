import { HttpException, type ExecutionContext } from '@nestjs/common';
import { loadPeer } from './peers/load-peer.js';

/** The part of @nestjs/websockets that is used here. It is there wherever a gateway is. */
interface WebSockets {
  readonly WsException?: new (error: object) => Error;
  readonly default?: WebSockets;
}

/** Returns the exception that tells the client of a context why a guard has refused it. In a gateway, Nest hides every other
 *  exception than a WsException behind "Internal server error". A GraphQL server shows the body of an exception as `extensions.originalError`. */
export async function exceptionOf(context: ExecutionContext, error: unknown): Promise<unknown> {
  if (context.getType<string>() === 'graphql') return withExtensions(error);
  const told = context.getType<string>() === 'ws' ? toldOf(error) : undefined;
  if (!told) return error;
  const loaded = await loadPeer<WebSockets>('@nestjs/websockets', 'gateway').catch(() => undefined);
  const WsException = loaded?.WsException ?? loaded?.default?.WsException;
  return WsException ? new WsException({ status: 'error', ...told }) : error;
}

/** Returns what `loading` resolves to. A failure of the store is told to the client of a socket or of GraphQL in its own way; in
 *  a request over HTTP, Nest does that. */
export function toldTo<T>(context: ExecutionContext, loading: Promise<T>): Promise<T> {
  if (context.getType() === 'http') return loading;
  return loading.catch(async (error: unknown) => {
    throw await exceptionOf(context, error);
  });
}

/** The codes by which Nest's driver for Apollo names a status, and that of a store which is down. */
const GRAPHQL_CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  503: 'SERVICE_UNAVAILABLE',
};

/** The messages of our own errors that the client of a socket or of GraphQL is told. */
const TOLD: Readonly<Record<number, string>> = { 423: 'Locked', 503: 'Service Unavailable' };

/** Adds what the client may know where GraphQL servers look for more than a message. Apollo's driver finds the body of an HTTP
 *  exception anyway, Mercurius does not. */
function withExtensions(error: unknown): unknown {
  const originalError = toldOf(error);
  if (!originalError) return error;
  const { statusCode } = originalError as { statusCode?: number };
  const status = error instanceof HttpException ? error.getStatus() : (statusCode ?? 503);
  const extensions = { code: GRAPHQL_CODES[status] ?? 'INTERNAL_SERVER_ERROR', originalError };
  return Object.assign(error as object, { extensions });
}

/** What the client may know: the body of an HTTP exception, and of our own errors the one that is not the client's fault. */
function toldOf(error: unknown): object | undefined {
  if (error instanceof HttpException) {
    const body = error.getResponse();
    return typeof body === 'string' ? { statusCode: error.getStatus(), message: body } : body;
  }
  const { statusCode, code } = Object(error) as { statusCode?: unknown; code?: unknown };
  const message = TOLD[statusCode as number];
  return message === undefined ? undefined : { statusCode, code, message };
}

import type { ServerResponse } from 'node:http';
import type { PlatformFacts, PlatformRequest } from './connection.js';

/** A hook of Fastify's for the start of a request. */
export type FastifyHook = (
  request: PlatformFacts & { readonly raw: PlatformRequest },
  reply: { readonly raw: ServerResponse },
  done: (error?: Error) => void,
) => void;

/** Hooks that were put in front, in any application. */
const IN_FRONT = new WeakSet<object>();

/** Makes a Fastify application run a hook before all hooks that it has by now, middie's among them, but behind those that
 *  were put in front before. `addHook` could only put it behind them. The contexts that are made from now on have it too.
 *  Returns false if the application shows no list of its hooks. */
export function putHookInFront(instance: unknown, hook: FastifyHook): boolean {
  const hooks = hooksOf(Object(instance) as object);
  if (!hooks) return false;
  const behind = hooks.findIndex((one) => !IN_FRONT.has(one));
  IN_FRONT.add(hook);
  hooks.splice(behind < 0 ? hooks.length : behind, 0, hook);
  return true;
}

function hooksOf(instance: object): object[] | undefined {
  const key = Object.getOwnPropertySymbols(instance).find(
    ({ description }) => description === 'fastify.hooks',
  );
  const { onRequest } = Object(key && (instance as Record<symbol, unknown>)[key]) as { onRequest?: object[] };
  return Array.isArray(onRequest) ? onRequest : undefined;
}

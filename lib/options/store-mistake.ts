import { kindOf } from '../errors/session-config.error.js';

/** Methods by which the stores of other libraries are known. */
type Known = Partial<
  Record<
    'get' | 'set' | 'destroy' | 'query' | 'connect' | 'getRepository' | 'sendCommand' | 'createSession',
    unknown
  >
>;

const ALLOWED =
  'allowed are cookieStore(), memoryStore(), typeOrmStore() or an object with the methods of SessionStore';
const NAMED: Readonly<Record<string, string>> = {
  cookie: 'cookieStore()',
  memory: 'memoryStore()',
  postgres: 'typeOrmStore()',
  typeorm: 'typeOrmStore()',
  redis: 'redisStore({ client })',
  files: 'fileStore({ path })',
};

/** Returns the fault of a value that is no store, and guesses what was meant. */
export function storeMistake(store: unknown): string {
  const meant = meantBy(store);
  return `is ${foundOf(store)}; ${ALLOWED}${meant ? `; ${meant}` : ''}`;
}

function foundOf(store: unknown): string {
  if (typeof store !== 'function') return kindOf(store);
  return store.name ? `the function ${store.name}` : 'a function';
}

function meantBy(store: unknown): string | undefined {
  if (typeof store === 'function')
    return /^class\b/.test(Function.prototype.toString.call(store))
      ? undefined
      : `call it: ${store.name || 'cookieStore'}()`;
  if (typeof store === 'string')
    return Object.hasOwn(NAMED, store) ? `is ${NAMED[store]} meant? A store is an object` : undefined;
  if (store instanceof Promise) return 'await it first, in the factory of forRootAsync()';
  const { get, set, destroy, query, connect, getRepository, sendCommand } = Object(store) as Known;
  if (isMethod(sendCommand))
    return 'a client of Redis belongs into redisStore({ client }) of nestjs-session-crypto/redis';
  if (isMethod(getRepository)) return 'a DataSource belongs into typeOrmStore({ dataSource })';
  if (isMethod(query) && isMethod(connect))
    return 'a pool of pg belongs into a DataSource for typeOrmStore({ dataSource })';
  if (isMethod(get) && isMethod(set) && isMethod(destroy))
    return 'it looks like a store for express-session: put it into fromExpressStore(…) of nestjs-session-crypto/express';
  return undefined;
}

const isMethod = (value: unknown): boolean => typeof value === 'function';

export { expressSession, type ExpressMiddleware } from './express-session.js';
export { fastifySession, type FastifySessionPlugin } from './fastify-session.js';
export type { FastifySession, WithFastifySession } from './fastify-session.object.js';
export type { Application } from './check-application.js';
export type {
  ExpressSessionData,
  ExpressSessionOptions,
  FastifySessionData,
  FastifySessionOptions,
  SessionCallback,
} from './express-session.interface.js';
export type { ExpressSession, WithSession } from './express-session.object.js';
export type { SessionCookie } from './session-cookie.js';
export type { ConnectSession, ConnectStore } from './connect-store.js';
export { fromExpressStore, type FromExpressStoreOptions } from './from-express-store.js';
export { toExpressStore, type ExpressStore, type ToExpressStoreOptions } from './to-express-store.js';

export { expressSession, type ExpressMiddleware } from './express-session.js';
export type { Application } from './check-application.js';
export type {
  ExpressSessionData,
  ExpressSessionOptions,
  SessionCallback,
} from './express-session.interface.js';
export type { ExpressSession, WithSession } from './express-session.object.js';
export type { SessionCookie } from './session-cookie.js';

export { fromCookieSession } from './from-cookie-session.js';
export { fromExpressSession } from './from-express-session.js';
export { fromIronSession } from './from-iron-session.js';
export { fromSecureSession } from './from-secure-session.js';
export type { ForeignFormat } from './foreign.format.js';
export type {
  CookieSessionMigration,
  ExpressSessionMigration,
  ForeignData,
  IronSessionMigration,
  MigrationOptions,
  Secret,
  SecureSessionMigration,
  SessionSource,
} from './options.interface.js';

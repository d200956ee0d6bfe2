import type { ConnectStore } from '../express/connect-store.js';
import type { JsonObject } from '../record/session-data.interface.js';

/** What every format of this entry takes. */
export interface MigrationOptions {
  /** The cookie of the other package, at the place where that package sets it: it is removed there. */
  readonly cookie?: {
    /** @default the name that the other package uses */
    readonly name?: string;
    /** @default '/' */
    readonly path?: string;
    /** @default none: the cookie goes only to the host that set it */
    readonly domain?: string;
  };
  /** The moment after which no session of the other package is migrated any more. A migrated session ends then at the latest. */
  readonly until: Date;
  /** Returns the id of the user in the session's data, who becomes the subject; `undefined` for nobody. Passport's is
   *  `(data) => data.passport?.user`.
   *  @default nobody: a migrated session has no subject */
  readonly subjectFrom?: (data: ForeignData) => string | number | undefined;
}

/** The data of a foreign session. It is authentic, and has any shape that the other application gave it. */
// eslint-disable-next-line typescript/no-explicit-any
export type ForeignData = Record<string, any> & JsonObject;

/** Options of {@link fromExpressSession}. */
export interface ExpressSessionMigration extends MigrationOptions {
  /** express-session's `secret`: all of a list open. */
  readonly secret: Secret | readonly (Secret | undefined)[] | undefined;
  /** express-session's `store`, such as connect-pg-simple's or connect-redis's. It is asked first, whatever
   *  `session-crypto convert` has stored. `'converted'`: the old application has stopped, and `convert` has stored all of its
   *  sessions, so that only our own store is asked. */
  readonly store: SessionSource | 'converted';
  /** Remove the other store's row once our server store has the session.
   *  @default true */
  readonly removeRow?: boolean;
  /** The old application still runs, and visitors go back and forth: its cookie and its row stay until a logout here, which
   *  removes both. What it changes in a session that was migrated already does not come here.
   *  @default false: the cookie is cleared, and the row is removed as soon as the session is migrated */
  readonly keep?: boolean;
}

/** Options of {@link fromCookieSession}. */
export interface CookieSessionMigration extends MigrationOptions {
  /** cookie-session's `keys`, or its `secret` as a list of one: all open. */
  readonly keys: readonly (Secret | undefined)[];
  /** The hash of the Keygrip. @default 'sha1', as in Keygrip itself */
  readonly algorithm?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

/** Options of {@link fromIronSession}. */
export interface IronSessionMigration extends MigrationOptions {
  readonly cookie: { readonly name: string; readonly path?: string; readonly domain?: string };
  /** iron-session's `password`: a text of at least 32 characters, or several by their numbers. */
  readonly password: string | Readonly<Record<string, string | undefined>> | undefined;
}

/** Options of {@link fromSecureSession}. */
export interface SecureSessionMigration extends MigrationOptions {
  /** @fastify/secure-session's `key`: 32 bytes, as a Buffer or in base64; all of a list open. */
  readonly key?: Secret | readonly (Secret | undefined)[] | undefined;
  /** Its `secret`, where it has no `key`: at least 32 bytes. */
  readonly secret?: Secret | undefined;
  /** Its `salt`, where it has a `secret`: 16 bytes. @default that package's own */
  readonly salt?: Secret | undefined;
  /** Its `expiry`, in seconds. @default 86401 */
  readonly expiry?: number;
}

export type Secret = string | Uint8Array;

/** The part of a store for express-session that the migration uses. */
export type SessionSource = Pick<ConnectStore, 'get' | 'destroy'>;

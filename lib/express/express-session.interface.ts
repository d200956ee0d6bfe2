/** The values of `req.session` by key. */
export interface ExpressSessionData {
  /** What Passport keeps: what `serializeUser` has returned. */
  passport?: { user?: unknown };
  [key: string]: unknown;
}

/** The last argument of a method, as Node's callbacks are. */
export type SessionCallback = (error?: unknown) => void;

export interface ExpressSessionOptions {
  /** The name of the session, where an application has several. @default 'default' */
  readonly name?: string;
  /** Returns the id of the user whom the values of a session say to be logged in; `undefined` for nobody. When another user
   *  appears there, the session logs him in, with all that `session.login()` means; when he disappears, it logs him out. Works
   *  on a number as on its text. For Passport: `(data) => data.passport?.user`.
   *  @default nobody: only `session.login()` logs in */
  readonly subjectFrom?: (data: ExpressSessionData) => unknown;
  /** What `req.session = null` does: `keep` drops the changes of the request, `destroy` ends the session.
   *  @default 'keep' */
  readonly unset?: 'keep' | 'destroy';
}

/** The values of `request.session` on Fastify by key. */
export interface FastifySessionData {
  /** What @fastify/passport keeps: what `registerUserSerializer` has returned. */
  passport?: unknown;
  [key: string]: unknown;
}

export interface FastifySessionOptions {
  /** The name of the session, where an application has several. @default 'default' */
  readonly name?: string;
  /** As in {@link ExpressSessionOptions}. For @fastify/passport: `(data) => data.passport`.
   *  @default nobody: only `session.login()` logs in */
  readonly subjectFrom?: (data: FastifySessionData) => unknown;
}

import type { ConnectSession } from './connect-store.js';

/** What express-session puts onto its store. */
export interface SessionMaker {
  /** Gives a request a new session, of the classes of express-session. */
  generate(request: object): void;
}

/** A request as express-session fills it. */
interface Filled {
  session?: { cookie: object };
}

/** Gives a request the session that was stored, as an object of express-session, and returns it. The classes come from the
 *  session that express-session itself makes, so the package need not be loaded, and there is no second copy of it. */
export function makeSession(maker: SessionMaker, request: object & Filled, stored: ConnectSession): unknown {
  const trial = Object.create(request) as Filled;
  maker.generate(trial);
  const { session } = trial as Required<Filled>;
  const Session = session.constructor as new (request: object, data: object) => { cookie: object };
  const expires = stored.cookie.expires; // express-session passes on the error of a session without a cookie
  const { originalMaxAge, ...attributes } = stored.cookie;
  const cookie = Object.assign(Object.create(Object.getPrototypeOf(session.cookie) as object) as object, {
    path: '/',
    httpOnly: true,
    ...attributes,
    expires: typeof expires === 'string' ? new Date(expires) : (expires ?? null),
    originalMaxAge: originalMaxAge ?? null,
  });
  return (request.session = new Session(request, { ...stored, cookie }));
}

import { inspect } from 'node:util';
import { decodeBase64url } from '../envelope/base64url.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { hooksOf, type RequestHooks } from '../request/request-hooks.js';
import type { SessionService } from '../session.service.js';
import { MAX_CANDIDATES } from '../persistence/open-candidates.js';
import { rememberMeMiddleware } from './remember-me.middleware.js';
import type { AutoLogin } from './auto-login.js';
import { keyOf, wipe } from './remember-token.js';
import type { SeriesRepository } from './series.repository.js';
import type { RememberCookies } from './visits.js';

/** A browser that logs in by itself, as a list of devices shows it. */
export interface RememberedBrowser {
  /** Public name of its series, no credential: to revoke it by. */
  readonly id: string;
  readonly createdAt: Date;
  /** When it last logged in by itself; {@link createdAt} for never. */
  readonly lastUsedAt: Date;
}

export interface RememberMeParts {
  readonly session: string;
  readonly sessions: SessionService;
  readonly series: SeriesRepository;
  readonly visits: RememberCookies;
  readonly login: AutoLogin;
}

const KEY_LENGTH = 32;

/** Logs visitors in who came back: by a cookie of its own, with a token that is used once. Methods that concern one
 *  browser mean that of the running request; with `session.asyncContext: false` they have to be given the request. */
export class RememberMeService {
  readonly #parts: RememberMeParts;
  /** What was begun by requests that still run. */
  readonly #begun = new WeakMap<object, Buffer>();

  /** @internal */
  constructor(parts: RememberMeParts) {
    this.#parts = parts;
  }

  /** For applications with `mount: false`: `consumer.apply(rememberMe.middleware).forRoutes(…)`. */
  get middleware(): SessionService['middleware'] {
    const { session, sessions, visits, login } = this.#parts;
    return rememberMeMiddleware(session, sessions.middleware, visits, login);
  }

  /** Remembers this browser: from now on it logs the present subject in by itself. Rejects with a SessionStateError
   *  where nobody is logged in or the head has left, with a SessionStoreError when the store does not answer. */
  async remember(request?: object): Promise<void> {
    const hooks = this.#here(request);
    const { subject } = await hooks.load();
    if (subject === undefined)
      throw new SessionStateError(
        'ERR_SESSION_VALUE',
        'Nobody is logged in here, so nobody can be remembered; call session.login() before',
      );
    const { visits, series } = this.#parts;
    const cookie = visits.cookieOf(hooks);
    if (!cookie) return; // the session is not kept either, and the log says why
    await this.#endHere(hooks);
    const seals = visits.sealsOf(hooks);
    const token = await series.begin(seals, subject);
    this.#begun.set(hooks.key, keyOf(token));
    hooks.addCookie(cookie.set(await seals.sealToken(token)));
    wipe(token);
  }

  /** Forgets this browser, at logout: its series ends and its cookie is cleared. Does nothing where there is none. */
  async forget(request?: object): Promise<void> {
    const hooks = this.#here(request);
    const { visits } = this.#parts;
    if (!visits.of(hooks) && !this.#begun.has(hooks.key)) return;
    hooks.addCookie(visits.cookieOf(hooks)!.clear());
    await this.#endHere(hooks);
  }

  /** The {@link RememberedBrowser.id} of the browser that sent the running request, to mark it in a list or to spare it;
   *  `undefined` for none. */
  async current(request?: object): Promise<string | undefined> {
    const [key] = await this.#keysHere(hooksOf(this.#parts.session, request));
    return key?.toString('base64url');
  }

  /** Browsers that log a subject in, last used first. */
  async list(subject: string): Promise<RememberedBrowser[]> {
    const rows = await this.#parts.series.list(subject);
    return rows.map(({ key, createdAt, lastSeenAt }) => ({
      id: key.toString('base64url'),
      createdAt,
      lastUsedAt: lastSeenAt,
    }));
  }

  /** Ends one series by its {@link RememberedBrowser.id}; what is not there is fine. With `subject`, only one of theirs:
   *  say it where the id comes from a form. The browser's session goes on: end it by SessionService. */
  async revoke(id: string, { subject }: { subject?: string } = {}): Promise<void> {
    const key = decodeBase64url(id);
    if (key?.length !== KEY_LENGTH) return;
    if (subject !== undefined && (await this.list(subject)).every((one) => one.id !== id)) return;
    await this.#parts.series.end(key);
  }

  /** Ends all series of a subject, but the one with the id `except`; says how many. Before
   *  `SessionService.revokeSubject()`, so that no browser logs in between the two. */
  async revokeSubject(subject: string, { except }: { except?: string } = {}): Promise<number> {
    return this.#parts.series.endSubject(subject, except === undefined ? undefined : decodeBase64url(except));
  }

  /** Removes series that have expired; says how many. */
  async prune(): Promise<number> {
    return this.#parts.series.prune();
  }

  async #endHere(hooks: RequestHooks): Promise<void> {
    for (const key of await this.#keysHere(hooks)) await this.#parts.series.end(key);
  }

  /** The series that this browser has: begun by this request, or led to by its cookie, whatever has become of it. */
  async #keysHere(hooks: RequestHooks): Promise<Buffer[]> {
    const begun = this.#begun.get(hooks.key);
    const visit = this.#parts.visits.of(hooks);
    const keys = begun ? [begun] : [];
    for (const value of visit?.values.slice(0, MAX_CANDIDATES) ?? []) {
      const token = await visit!.seals.openToken(value);
      if (token) keys.push(keyOf(token));
    }
    return keys;
  }

  #here(request: object | undefined): RequestHooks {
    const hooks = hooksOf(this.#parts.session, request);
    if (hooks.headSent) throw new SessionStateError('ERR_SESSION_HEAD_SENT', HEAD_SENT);
    return hooks;
  }

  /** Shows nothing: a service may end up in a log. */
  [inspect.custom](): string {
    return `RememberMeService { session: '${this.#parts.session}' }`;
  }
}

const HEAD_SENT = 'The head of the response has left, so its cookie cannot be changed any more';

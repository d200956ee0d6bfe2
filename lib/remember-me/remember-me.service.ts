import { inspect } from 'node:util';
import { decodeBase64url } from '../envelope/base64url.js';
import { checkNames } from '../errors/check-names.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { hooksOf, type RequestHooks } from '../request/request-hooks.js';
import type { SessionService } from '../session.service.js';
import type { RevocableSeries } from '../manager/revocable-series.interface.js';
import { throwFirst } from '../manager/settled.js';
import { isSubject } from '../record/subject.js';
import { rememberMeMiddleware } from './remember-me.middleware.js';
import type { AutoLogin } from './auto-login.js';
import { keyOf, wipe } from './remember-token.js';
import type { SeriesRepository } from './series.repository.js';
import type { RememberCookies } from './remember-cookies.js';

/** A remembered browser, as a list of devices shows it. */
export interface RememberedBrowser {
  /** Public name of its series, for {@link RememberMeService.revoke}. It is no credential. */
  readonly id: string;
  readonly createdAt: Date;
  /** When it was last logged in automatically; {@link createdAt} if never. */
  readonly lastUsedAt: Date;
}

/** The collaborators of {@link RememberMeService}. */
export interface RememberMeParts {
  readonly session: string;
  readonly sessions: SessionService;
  readonly series: SeriesRepository;
  readonly cookies: RememberCookies;
  readonly login: AutoLogin;
}

/** Bytes of a row key, which an id encodes in base64url. */
const KEY_LENGTH = 32;

/** Remembers browsers and logs returning visitors in. Each remembered browser has a series: a chain of tokens of which each
 *  is used once. Methods about one browser mean the one that sent the current request; with `session.asyncContext: false`
 *  they need the request as a parameter. */
export class RememberMeService {
  readonly #parts: RememberMeParts;
  /** The keys of series that running requests have begun. */
  readonly #begun = new WeakMap<object, Buffer>();

  /** @internal */
  constructor(parts: RememberMeParts) {
    this.#parts = parts;
  }

  /** The middleware. With `mount: false`, apply it yourself: `consumer.apply(rememberMe.middleware).forRoutes(…)`. */
  get middleware(): SessionService['middleware'] {
    const { session, sessions, cookies, login } = this.#parts;
    return rememberMeMiddleware(session, sessions.middleware, cookies, login);
  }

  /** Remembers this browser: from now on it logs the current subject in automatically. A series that the browser already has
   *  ends. Does nothing where no cookie may be sent. Rejects with a SessionStateError if nobody is logged in or the head has
   *  left, and with a SessionStoreError if the store fails. */
  async remember(request?: object): Promise<void> {
    const hooks = this.#here(request);
    const { subject } = await hooks.load();
    if (subject === undefined)
      throw new SessionStateError(
        'ERR_SESSION_VALUE',
        'Nobody is logged in, so there is nobody to remember; call session.login() first',
      );
    const { cookies, series } = this.#parts;
    const cookie = cookies.cookieOf(hooks);
    if (!cookie) return; // no session can be kept on this connection either, and the log says why
    const ended = await this.#endHere(hooks);
    const seals = cookies.sealsOf(hooks);
    const token = await series.begin(seals, subject);
    this.#begun.set(hooks.key, keyOf(token));
    const elsewhere = ended > 1 ? cookies.of(hooks)?.elsewhere : undefined;
    hooks.addLoginCookie(cookie.set(await seals.sealToken(token)), elsewhere ?? []);
    wipe(token);
  }

  /** Forgets this browser, for example at logout: ends its series and clears its cookie. Sessions that parallel requests have
   *  begun by the series within the grace period end too, but not the current one. Does nothing if it has none. Rejects like
   *  {@link remember} if the head has left or the store fails. */
  async forget(request?: object): Promise<void> {
    const hooks = this.#here(request);
    const { cookies } = this.#parts;
    if (!cookies.of(hooks) && !this.#begun.has(hooks.key)) return;
    const line = cookies.cookieOf(hooks)!.clear();
    hooks.addCookie(line);
    hooks.onFirstLoad(async () => {}); // what is forgotten here does not log in any more
    const keys = await this.#keysHere(hooks);
    for (const key of keys) await this.#closeHere(hooks, key);
    if (keys.length > 1) hooks.addCookie(line, cookies.of(hooks)?.elsewhere);
  }

  /** Ends a series, and with it the sessions that parallel requests of this browser have begun: at a logout nobody else would
   *  end them. The session of the running request is for `logout()` to end. */
  async #closeHere(hooks: RequestHooks, key: Buffer): Promise<void> {
    const { series, cookies, sessions } = this.#parts;
    const closed = await series.close(cookies.sealsOf(hooks), key);
    const ends = (closed?.sessions ?? []).map(async (session) => {
      if (await hooks.isCurrent(session)) return;
      const id = session.toString('base64url');
      await sessions.revoke(id, { subject: closed!.subject }).catch(ignoreUnsupported);
    });
    throwFirst(await Promise.allSettled(ends));
  }

  /** Returns the {@link RememberedBrowser.id} of the browser that sent the current request, to mark it in a list or to except
   *  it from {@link revokeSubject}; `undefined` if it is not remembered. */
  async current(request?: object): Promise<string | undefined> {
    const [key] = await this.#keysHere(hooksOf(this.#parts.session, request));
    return key?.toString('base64url');
  }

  /** Returns the browsers that are remembered for a subject, the last used first. */
  async list(subject: string): Promise<RememberedBrowser[]> {
    if (!isSubject(subject)) return []; // nobody can be remembered by it
    const rows = await this.#parts.series.list(subject);
    return rows.map(({ key, createdAt, lastSeenAt }) => ({
      id: key.toString('base64url'),
      createdAt,
      lastUsedAt: lastSeenAt,
    }));
  }

  /** Ends the series with this {@link RememberedBrowser.id}. An unknown id is fine. With `subject`, ends it only if it belongs
   *  to that subject: pass it if the id comes from a form. The browser's current session continues; end it with
   *  `SessionService.revoke`. */
  async revoke(id: string, options: { subject?: string } = {}): Promise<void> {
    checkNames('revoke()', options, { subject: true });
    const { subject } = options;
    const key = decodeBase64url(id);
    if (key?.length !== KEY_LENGTH) return;
    if (subject !== undefined && (await this.list(subject)).every((one) => one.id !== id)) return;
    await this.#parts.series.end(key);
  }

  /** Ends all series of a subject, except the one with the id `except`. Returns the number. Sessions stay: to end these and all
   *  series, `SessionService.revokeSubject` is enough. */
  async revokeSubject(subject: string, options: { except?: string } = {}): Promise<number> {
    checkNames('revokeSubject()', options, { except: true });
    const { except } = options;
    if (!isSubject(subject)) return 0; // nobody can be remembered by it
    return this.#parts.series.endSubject(subject, except === undefined ? undefined : decodeBase64url(except));
  }

  /** What a revocation of sessions ends too.
   *  @internal */
  get revocable(): RevocableSeries {
    const { series } = this.#parts;
    return {
      endSubject: (subject) => this.revokeSubject(subject),
      countSubject: async (subject) => (await this.list(subject)).length,
      endAll: series.canEndAll ? () => series.endAll() : undefined,
    };
  }

  /** Removes expired series. Returns the number. */
  async prune(): Promise<number> {
    return this.#parts.series.prune();
  }

  /** Ends this browser's series. Returns the number of tokens that named them. */
  async #endHere(hooks: RequestHooks): Promise<number> {
    const keys = await this.#keysHere(hooks);
    for (const key of keys) await this.#parts.series.end(key);
    return keys.length;
  }

  /** Returns the keys of this browser's series: the one that this request has begun, and those that its cookies name, live or
   *  not. */
  async #keysHere(hooks: RequestHooks): Promise<Buffer[]> {
    const begun = this.#begun.get(hooks.key);
    const brought = this.#parts.cookies.of(hooks);
    const keys = begun ? [begun] : [];
    for (const value of brought?.values ?? []) {
      const token = await brought!.seals.openToken(value);
      if (token) keys.push(keyOf(token));
    }
    return keys;
  }

  /** Returns the hooks of the request. Throws a SessionStateError if there is no request or its head is sent. */
  #here(request: object | undefined): RequestHooks {
    const hooks = hooksOf(this.#parts.session, request);
    if (hooks.headSent) throw new SessionStateError('ERR_SESSION_HEAD_SENT', HEAD_SENT);
    return hooks;
  }

  /** Shows no token: a service may be printed in a log. */
  [inspect.custom](): string {
    return `RememberMeService { session: '${this.#parts.session}' }`;
  }
}

const HEAD_SENT = 'The head of the response is sent, so its cookies cannot change any more';

/** Some stores that another program shares cannot end a session by its key. */
function ignoreUnsupported(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ERR_SESSION_UNSUPPORTED') throw error;
}

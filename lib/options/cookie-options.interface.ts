/** Name and attributes of the session cookie. */
export interface CookieOptions {
  /** The cookie's name. A prefix such as `__Host-` is checked against the other attributes. On a plain connection the
   *  cookie has the same name without the prefix, because browsers refuse prefixed names there.
   *  @allowed a token of RFC 9110 §5.6.2 with at most 128 characters: letters, digits and punctuation such as `-`, `_` and `.`
   *  @default '__Host-sid' on a secure connection, 'sid' on a plain one; '__Secure-sid' with a domain or path; '-NAME' is added for a named session
   *  @see PHP `session.name`, Apache `SessionCookieName` */
  readonly name?: string;
  /** A domain whose hosts all receive the cookie: the domain itself and every host below it.
   *  @allowed a domain name
   *  @default none: only the host that set the cookie
   *  @see PHP `session.cookie_domain`, Apache `SessionCookieName … Domain=` */
  readonly domain?: string;
  /** The path below which the browser sends the cookie. It does not protect the cookie from other paths of the host.
   *  @allowed a path that begins with `/` and has no semicolon
   *  @default '/'
   *  @see PHP `session.cookie_path`, Apache `SessionCookieName … Path=` */
  readonly path?: string;
  /** The attribute Secure. `auto`: a secure connection, as the platform reports it through its proxy trust, gets a
   *  Secure cookie; a plain connection gets a cookie only between a browser and a server on one machine. `true`: only
   *  Secure cookies. `false`: never Secure, for networks without TLS.
   *  @allowed 'auto', true, false
   *  @default 'auto'
   *  @see PHP `session.cookie_secure` */
  readonly secure?: 'auto' | boolean;
  /** The attribute HttpOnly: scripts in the page cannot read the cookie.
   *  @allowed true, false
   *  @default true
   *  @see PHP `session.cookie_httponly` */
  readonly httpOnly?: boolean;
  /** The attribute SameSite: the requests from other sites that carry the cookie. `strict`: none. `lax`: only links
   *  that the visitor follows. `none`: all; this needs a Secure cookie.
   *  @allowed 'strict', 'lax', 'none'
   *  @default 'lax'
   *  @see PHP `session.cookie_samesite` */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** The attribute Partitioned (CHIPS): a browser keeps a separate cookie for each site that embeds this one. Needs a
   *  Secure cookie.
   *  @allowed true, false
   *  @default false
   *  @see PHP `session.cookie_partitioned` */
  readonly partitioned?: boolean;
  /** The attribute Priority. Chromium keeps at most 180 cookies of a site and drops those of lower priority first.
   *  Other browsers ignore it.
   *  @allowed 'low', 'medium', 'high'
   *  @default 'high' */
  readonly priority?: 'low' | 'medium' | 'high';
  /** Seconds that the browser keeps the cookie after it was last sent; 0 keeps it until the browser closes. Each change of the
   *  session and each move of its idle deadline (`session.touchInterval`) sends the cookie again. It does not limit the
   *  session: `session.idleTimeout` and `session.absoluteTimeout` do.
   *  @allowed 0 to 34560000
   *  @default 0
   *  @see PHP `session.cookie_lifetime` */
  readonly lifetime?: number;
}

import type { IdSource } from '../http/id-sources.js';

/** Places where a request may bring its session id, and the syntax of PHP ids. */
export interface IdOptions {
  /** The places where a request may bring the id of its session. They are read in the order cookie, header, query,
   *  body; a later one counts only if the earlier ones bring nothing. Without `cookie`, no cookie is sent. If the
   *  request carried the id header, even empty, the response returns the new id in it. Every source except `cookie`
   *  needs a server store.
   *  @allowed a list of 'cookie', 'header', 'query', 'body'
   *  @default ['cookie']
   *  @see PHP `session.use_cookies`, `session.use_only_cookies` */
  readonly sources?: readonly IdSource[];
  /** The name of the header for the source `header`.
   *  @allowed a token of RFC 9110 §5.6.2 with at most 128 characters
   *  @default 'x-session-id' */
  readonly header?: string;
  /** The name of the query parameter and of the form field, for the sources `query` and `body`.
   *  @allowed 1 to 128 letters, digits, `-` and `_`
   *  @default the cookie's name without its prefix
   *  @see PHP `session.name` */
  readonly parameter?: string;
  /** The length of an id in the PHP id format, in characters. It matters for stores that keep PHP ids, such as the files
   *  that PHP shares; all other stores use ids of 256 random bits. An id of fewer than 128 bits stops the start.
   *  @allowed 22 to 256
   *  @default 48
   *  @see PHP `session.sid_length` */
  readonly length?: number;
  /** The random bits of each character of a PHP id: 4 for `0-9a-f`, 5 for `0-9a-v`, 6 for letters, digits, `,` and `-`.
   *  @allowed 4 to 6
   *  @default 6
   *  @see PHP `session.sid_bits_per_character` */
  readonly bitsPerCharacter?: 4 | 5 | 6;
  /** The pages of other origins that may send ids in the query or a form. Pages of our own origin always may. A Referer
   *  header proves nothing, because a client can leave it out.
   *  @default none
   *  @see PHP `session.referer_check` */
  readonly refererCheck?: {
    /** The origins of those pages: scheme, host and port. With `match: 'substring'`, also any other texts.
     *  @allowed a list of origins such as `https://shop.example`, at least one
     *  @default none: it is required with `refererCheck`
     *  @see PHP `session.referer_check` */
    readonly origins: readonly string[];
    /** The comparison with the Referer header. `origin`: its origin is in the list. `substring`: it contains one of the
     *  texts, as PHP compares, and `Sec-Fetch-Site` does not say that another site sent the request. A text that begins
     *  with `http://` or `https://` is compared as an origin in any case.
     *  @allowed 'origin', 'substring'
     *  @default 'origin' */
    readonly match?: 'origin' | 'substring';
    /** The decision of `RefererGuard` about a request without a Referer header. It refuses one that another site
     *  sent, as `Sec-Fetch-Site` says, in any case. An id in a query or a form is ignored without
     *  one in any case.
     *  @allowed 'pass', 'refuse'
     *  @default 'pass' */
    readonly missing?: 'pass' | 'refuse';
  };
  /** Writes the id into the links and forms of HTML pages for visitors without cookies. This is weak: whoever sees a
   *  link has the session. Needs `query` in `sources`, a server store, and the package parse5-sax-parser.
   *  @allowed true, false, or an object with `tags`, `hosts` and `origin`
   *  @default false
   *  @see PHP `session.use_trans_sid` */
  readonly transSid?: boolean | TransSidOptions;
}

/** The parts of a page that get the id. */
export interface TransSidOptions {
  /** The attribute to rewrite, by tag. A listed `form` also gets a hidden field.
   *  @allowed an object of tag and attribute; the attribute holds one URL, or is '' for none
   *  @default { a: 'href', area: 'href', frame: 'src', form: '' }
   *  @see PHP `session.trans_sid_tags` */
  readonly tags?: Readonly<Record<string, string>>;
  /** The hosts whose URLs get the id, besides relative URLs. A list replaces our own host: name it too if absolute URLs
   *  to it need the id.
   *  @allowed a list of host names, with or without a port
   *  @default []: our own host
   *  @see PHP `session.trans_sid_hosts` */
  readonly hosts?: readonly string[];
  /** Our own origin: scheme, host and port.
   *  @allowed an origin such as `https://shop.example`
   *  @default the origin that a trusted proxy reports; with neither, only relative URLs get the id */
  readonly origin?: string;
}

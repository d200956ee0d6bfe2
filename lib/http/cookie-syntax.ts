/** Syntax and limits of cookies and header names: one definition for every place that checks an option, a directive or
 *  an ini setting. */

/** A `token` of RFC 9110 §5.6.2: the syntax of header names and of cookie names (RFC 6265bis §4.1.1). No longer than
 *  128 characters, which is our own limit. */
export const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

/** A value of the attribute Path: begins with `/`, printable ASCII, no semicolon, at most 1001 characters. */
export const COOKIE_PATH = /^\/[\x20-\x3a\x3c-\x7e]{0,1000}$/;

/** A value of the attribute Domain: a host name of at most 253 characters; browsers ignore a dot in front. */
export const COOKIE_DOMAIN = /^(?=.{1,253}$)\.?(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

/** The prefix of a cookie name that browsers attach conditions to (RFC 6265bis §4.1.3, and for `Http-` the
 *  layered-cookies draft). Browsers ignore its case. */
export const COOKIE_PREFIX = /^__(?:Host-Http-|Http-|Host-|Secure-)/i;

/** The longest time in seconds that a browser keeps a cookie: 400 days (RFC 6265bis §5.5). */
export const MAX_COOKIE_LIFETIME = 34_560_000;

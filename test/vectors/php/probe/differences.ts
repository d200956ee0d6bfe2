import type { Rule } from '../php-session.js';

/** The intended differences from PHP that more than one section meets. */
export const NEVER_ADOPTED: Rule = {
  name: 'an unknown id is never adopted',
  reason: 'PHP accepted an id that it had not made; here only ids are accepted that this package made and still knows',
};

export const STARTS_ANYWAY: Rule = {
  name: 'a bad id is replaced',
  reason: 'PHP starts no session if the id has an invalid byte or is too long; here the request gets a new one',
};

export const OWN_PAGES_ONLY: Rule = {
  name: 'an id in a link or form is accepted only from a page of the site',
  reason:
    'PHP took the id of any link or form; here Sec-Fetch-Site must say same-origin, or an allowed referer must be there',
};

export const SAME_SITE_IS_SAID: Rule = {
  name: 'SameSite is always sent',
  reason: 'PHP leaves it out if it is not set, and not all browsers take that for Lax; here it is Lax then',
};

export const MAX_AGE_ALONE: Rule = {
  name: 'Max-Age alone',
  reason: 'PHP sends the end of a cookie twice, also as Expires; Max-Age counts if both are there (RFC 6265 §5.3)',
};

export const PATH_IS_SAID: Rule = {
  name: 'a path is always sent',
  reason: 'PHP leaves an empty path out, so browsers use the folder of the page; here it is / then',
};

export const COOKIE_IS_CLEARED: Rule = {
  name: 'the cookie goes with its session',
  reason: 'PHP leaves the cookie of a destroyed session in the browser; here it is cleared',
};

export const REFUSED_AT_START: Rule = {
  name: 'a faulty setting stops the start',
  reason: 'PHP uses another value, sends a cookie that browsers drop, or fails at each request; here the start stops',
};

export const NO_SUCH_CALL: Rule = {
  name: 'a call that is not needed here',
  reason:
    'PHP said in what state its session is, or that a call came too early, too late or twice; here a request has one session from its first use to its end',
};

export const OPTIONS_ARE_FIXED: Rule = {
  name: 'options are fixed at the start',
  reason: 'PHP used another setting between two starts in one request; here options are frozen when the application starts',
};

export const IDS_ARE_MADE_HERE: Rule = {
  name: 'no id is set by hand',
  reason: 'PHP lets a script choose the id; here every id is made of random bytes',
};

export const STORES_ARE_OBJECTS: Rule = {
  name: 'no handlers of PHP',
  reason: 'PHP called functions of the script for its storage; here a store is an object with a contract of its own, which test/contract checks',
};

export const SHORT_IDS: Rule = {
  name: 'no id that can be guessed',
  reason: 'PHP finds the file of any id, even of one character; here an id that is shorter than those of PHP has no session',
};

export const COOKIE_IS_NOT_RESENT: Rule = {
  name: 'an id that stays is sent once',
  reason: 'PHP sends the id of the request again if a script closes its session and starts it again',
};

export const NOTHING_IS_LOST: Rule = {
  name: 'nothing is lost silently',
  reason:
    'PHP left a variable out, or all of them, for a name that its handler has no form for; here the developer is told',
};

export const NO_WAITING: Rule = {
  name: 'requests do not wait for each other',
  reason:
    'PHP holds the file as long as its script runs; here it is held while it is read or written, and changes are merged',
};

export const LIFETIME_LIMIT: Rule = {
  name: 'a cookie lasts 400 days at most',
  reason: 'PHP sends any time; browsers cut it at 400 days (RFC 6265bis §5.5), and so does this package',
};

export const TWO_IDS: Rule = {
  name: 'of two ids none is preferred',
  reason:
    'PHP takes the first cookie of its name, or the last field; here two cookies that both lead to sessions are refused with an event, and of two fields the first counts, or none',
};

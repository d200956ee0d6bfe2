import type { Rule } from '../php-session.js';

/** Differences from PHP that more than one section meets; each is meant. */
export const NEVER_ADOPTED: Rule = {
  name: 'an unknown id is never adopted',
  reason: 'PHP took an id that it had not made; here only ids that were made here and are still known are taken',
};

export const STARTS_ANYWAY: Rule = {
  name: 'a bad id is replaced',
  reason: 'PHP does not start the session of a request whose id has a bad byte or is too long; here it begins a new one',
};

export const OWN_PAGES_ONLY: Rule = {
  name: 'a link or form counts only from a page of our own',
  reason:
    'PHP took the id of any link or form; here Sec-Fetch-Site must say same-origin, or an allowed referer must be there',
};

export const SAME_SITE_IS_SAID: Rule = {
  name: 'SameSite is always said',
  reason: 'PHP leaves it out where it is not set, which browsers do not all take for Lax; here it is Lax then',
};

export const MAX_AGE_ALONE: Rule = {
  name: 'Max-Age alone',
  reason: 'PHP says the end of a cookie twice, as Expires too; Max-Age counts where both are there (RFC 6265 §5.3)',
};

export const PATH_IS_SAID: Rule = {
  name: 'a path is always said',
  reason: 'PHP leaves an empty path out, so that browsers take the folder of the page; here it is / then',
};

export const COOKIE_IS_CLEARED: Rule = {
  name: 'the cookie goes with its session',
  reason: 'PHP leaves the cookie of a destroyed session in the browser; here it is cleared',
};

export const REFUSED_AT_START: Rule = {
  name: 'a faulty setting stops the start',
  reason: 'PHP takes another value for it, sends what browsers drop, or fails at each request; here the start says so',
};

export const NO_SUCH_CALL: Rule = {
  name: 'a call that is not needed here',
  reason:
    'PHP said in what state its session is, or that a call came too early, too late or twice; here a request has one session from its first use to its end',
};

export const OPTIONS_ARE_FIXED: Rule = {
  name: 'options are fixed at the start',
  reason: 'PHP took another setting between two starts in one request; here options are frozen when the application starts',
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
  reason: 'PHP finds the file of any id, down to one character; here an id that is shorter than any that PHP makes leads nowhere',
};

export const COOKIE_IS_NOT_RESENT: Rule = {
  name: 'an id that stays is sent once',
  reason: 'PHP sends the id again that the request brought, where a script has closed its session and starts it again',
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
  reason: 'PHP says any time; browsers cut it at 400 days (RFC 6265bis §5.5), and so it is said here',
};

export const TWO_IDS: Rule = {
  name: 'of two ids none is preferred',
  reason:
    'PHP takes the first cookie of its name, or the last field; here two cookies that both lead to sessions are refused with an event, and of two fields the first counts, or none',
};

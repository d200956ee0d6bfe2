import { namedOrigin } from '../../http/referer.js';
import { messageAt, quote } from '../ini/diagnostics.js';
import type { PhpFinding } from '../ini/php-ini.interface.js';
import { addCaps } from './caps.js';
import type { AddFinding, GivenSettings } from './given-settings.js';

/** The limiters with which PHP sends Last-Modified. */
const LIMITERS_WITH_TIME: readonly string[] = ['private', 'private_no_expire', 'public'];

/** Returns a finding for each setting that has another effect here than in PHP, in most cases a stronger one. */
export function differencesOf(given: GivenSettings): PhpFinding[] {
  const findings: PhpFinding[] = [];
  const add: AddFinding = (name, rest) => {
    const at = given.placeOf(name);
    findings.push({ at, message: messageAt(at, `${name} ${rest}`) });
  };
  if (given.get('session.use_strict_mode') === false && !given.shared)
    add(
      'session.use_strict_mode',
      'is off, but strict mode is always on here: an id that this package did not make is never accepted',
    );
  if (given.get('session.cookie_secure') === false)
    add(
      'session.cookie_secure',
      "is off, but here it is 'auto': the cookie is Secure if the connection is secure; write cookie.secure: false to switch it off",
    );
  if (given.get('session.cookie_httponly') === false && !given.isWritten('session.cookie_httponly'))
    add(
      'session.cookie_httponly',
      'is empty, as in every stock php.ini, but here the cookie is HttpOnly; write session.cookie_httponly = Off, or cookie.httpOnly: false, to switch it off',
    );
  if (given.shared) addShared(given, add);
  else addSealed(given, add);
  addReferer(given, add);
  addCaps(given, add);
  if (!['&', '&amp;'].includes(given.get('arg_separator.output') ?? '&'))
    add('arg_separator.output', 'has no effect here: parameters are separated by &');
  if (given.get('session.auto_start'))
    add(
      'session.auto_start',
      'gives every visitor a session and its cookie in PHP; here an empty session is neither stored nor given a cookie',
    );
  if (LIMITERS_WITH_TIME.includes(given.get('session.cache_limiter') ?? ''))
    add('session.cache_limiter', "sends no Last-Modified here; in PHP it is the time of the page's script");
  if (given.get('session.lazy_write') === false)
    add('session.lazy_write', 'has no effect here: unchanged sessions are never written');
  return findings;
}

/** Adds the differences between PHP's search in the Referer header and the comparison here. */
function addReferer(given: GivenSettings, add: AddFinding): void {
  const text = given.get('session.referer_check');
  if (!text) return;
  const origin = namedOrigin(text);
  add(
    'session.referer_check',
    origin === undefined
      ? 'is searched anywhere in the Referer header, as in PHP, so that the address of any site can contain it; write an origin such as "https://shop.example"'
      : `is compared as the origin ${quote(origin)} here; PHP searches the text anywhere in the Referer header, so that http://evil.example/?${origin}/ passes there`,
  );
  if (given.get('session.use_only_cookies') === false)
    add(
      'session.referer_check',
      'drops the id of a cookie too in PHP if another page sent the request; here only ids in the query and in forms are checked; use RefererGuard, which refuses such a request',
    );
}

/** The least number of characters that PHP's manual advises for an id (session.configuration). */
const ADVISED_CHARACTERS = 32;

/** Adds the findings for sessions that PHP shares. */
function addShared(given: GivenSettings, add: AddFinding): void {
  const place = given.redis ? 'sessions in Redis' : 'files';
  add('session.save_handler', `means PHP's own ${place}, unsealed, which both sides read and write`);
  if (given.get('session.use_strict_mode') !== true)
    add(
      'session.use_strict_mode',
      'is not on, so PHP accepts ids again that were replaced or ended here; write session.use_strict_mode = On',
    );
  const length = given.getOrDefault('session.sid_length');
  if (length < ADVISED_CHARACTERS)
    add(
      'session.sid_length',
      `is ${length}, but PHP's manual advises 32 or more characters; write session.sid_length = 32 or more`,
    );
}

/** Adds the findings for sealed sessions, in which PHP has no part. */
function addSealed(given: GivenSettings, add: AddFinding): void {
  if (given.hasFolder)
    add(
      'session.save_handler',
      'means sealed files here, which PHP cannot read; pass sharedUnsealed: true to share the files of PHP',
    );
  else addCookieStore(given, add);
  const idSetting = (['session.sid_length', 'session.sid_bits_per_character'] as const).find(
    (name) => given.get(name) !== undefined,
  );
  if (idSetting) add(idSetting, 'has no effect here: ids always have 256 random bits');
  if (given.get('session.serialize_handler') !== undefined)
    add('session.serialize_handler', 'has no effect here: sessions are sealed, and PHP cannot read them');
}

/** Without a folder the sessions go into the cookie. The result of `ini_get_all` has the path if it is not empty. */
function addCookieStore(given: GivenSettings, add: AddFinding): void {
  if (given.get('session.gc_probability'))
    add(
      'session.gc_probability',
      'has no effect while sessions go into the cookie, because nothing is left on the server that could be removed',
    );
  const orJson = given.get('session.save_path') ? '' : ", or pass ini_get_all's JSON";
  add(
    'session.save_path',
    `is not set, so PHP uses its built-in folder, but here sessions go into the cookie (2.9 KB, no revocation); write store: fileStore({ path })${orJson}`,
  );
}

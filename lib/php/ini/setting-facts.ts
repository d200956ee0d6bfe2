import type { PhpVersion } from './php-version.js';

type Facts<T> = Readonly<Record<string, T>>;

/** The options that the table names although they do not exist yet. */
export const NOT_OFFERED = /^`uploadProgress/;
/** Stands in place of an option for what this package always does. */
export const ALWAYS_ON = 'always on';

/** The compiled defaults that a later version has changed (php-src, pull request 21938). */
export const LATER_DEFAULTS: Facts<{ '8.6': string }> = {
  'session.cookie_httponly': { '8.6': '1' },
  'session.cookie_samesite': { '8.6': 'Lax' },
  'session.use_strict_mode': { '8.6': '1' },
};

/** The first version of each setting that 8.2 does not have. */
export const SINCE: Facts<PhpVersion> = { 'session.cookie_partitioned': '8.5' };

/** The version since which another value than the default is deprecated. */
export const DEPRECATED: Facts<PhpVersion> = {
  'session.use_only_cookies': '8.4',
  'session.sid_length': '8.4',
  'session.sid_bits_per_character': '8.4',
  'session.use_trans_sid': '8.4',
  'session.trans_sid_tags': '8.4',
  'session.trans_sid_hosts': '8.4',
  'session.referer_check': '8.4',
};

const ID_BITS =
  'Used only for ids in files shared with PHP; other ids have 256 random bits. Fewer than 128 bits are a fault';
const PROBABILITY =
  'By default a timer prunes (`prune.interval`), and requests do not. Numbers above 1000000 are made smaller, with a finding';

/** The differences between PHP and this package, as Markdown for docs/php.md. */
export const DIFFERENCES: Facts<string> = {
  'session.name':
    'A name that is no token of RFC 9110 is a fault. A prefix such as `__Host-` without the attributes that it promises is a fault too',
  'session.cookie_lifetime': 'Text that is no number is a fault; PHP takes it for 0',
  'session.cookie_path': 'A semicolon or a control character is a fault',
  'session.cookie_domain': 'A port, a semicolon or a control character is a fault',
  'session.cookie_secure': "Not set means `'auto'`: Secure if the connection is secure",
  'session.cookie_samesite':
    'Any other text is a fault. None without quotes, or without `session.cookie_secure`, is a fault too',
  'session.cookie_partitioned': 'On without `session.cookie_secure` is a fault',
  'session.use_cookies':
    'Off while `session.use_only_cookies` is on is a fault, because no id could be accepted. Otherwise the response returns a new id in the header `id.header`',
  'session.use_only_cookies': 'On by default: ids are accepted only from the cookie',
  'session.use_strict_mode':
    'An id that leads to no session is never accepted. Where PHP shares the sessions, it has to be strict too',
  'session.sid_length': ID_BITS,
  'session.sid_bits_per_character': ID_BITS,
  'session.gc_maxlifetime':
    'Checked at each request, not only when expired sessions are removed. More than 315360000 (ten years) is cut, with a finding. Sessions that PHP shares have no absolute timeout, as in PHP',
  'session.gc_probability': PROBABILITY,
  'session.gc_divisor': PROBABILITY,
  'session.save_handler':
    "files: sealed files, or PHP's own files with `sharedUnsealed`. redis: PHP's own sessions in Redis, with `sharedUnsealed` and `redisClient`. Any other handler is a fault: remove the line, and set `store` in the options that `fromPhpIni` returns",
  'session.save_path':
    'Must be absolute. N and MODE must be numbers that PHP can use. Sealed files have at most 4 levels; a larger N is cut, with a finding. More than 21 levels cannot be shared, which is a fault. A MODE with rights for other users loses them, with a finding. For redis it must name one server; its `prefix` is used',
  'session.serialize_handler': 'Used only for files shared with PHP. Handlers of extensions are a fault',
  'session.lazy_write': 'Unchanged sessions are never written',
  'session.auto_start':
    'The session is loaded before the handler. PHP gives every visitor a session and its cookie; here an empty session is neither stored nor given a cookie',
  'session.cache_limiter':
    'Text that PHP does not know is a fault; PHP sends no headers then. Empty is `none`. With `private`, `private_no_expire` and `public` PHP also sends Last-Modified, the time of its script; here it is not sent',
  'session.cache_expire': 'In minutes, as in PHP. More than 5256000 (ten years) is cut, with a finding',
  'session.use_trans_sid':
    'Needs `session.use_only_cookies` off, as in PHP, and the package parse5-sax-parser',
  'session.trans_sid_tags': 'An entry that PHP ignores is a fault',
  'session.trans_sid_hosts':
    "Empty means the application's own host, as PHP's manual says and PHP does not do",
  'session.referer_check':
    'PHP drops the id of a request from another page, wherever the id was, also in a cookie. Here only ids in the query and in forms are checked, and they also count if `Sec-Fetch-Site` is `same-origin`. For ids in cookies use `RefererGuard`, which refuses the request. PHP searches the text anywhere in the header. Here a text that begins with `http://` or `https://` becomes its origin, which is compared with the origin of the page. Any other text is searched as in PHP (`id.refererCheck.match`), and a finding says so',
  'arg_separator.output': 'Always `&amp;`, which is `&` in HTML. Empty is a fault; PHP refuses it',
  'url_rewriter.tags':
    'Has no effect of its own, because there is no `output_add_rewrite_var`. If `session.trans_sid_tags` is not set, these tags are used, as in PHP before 7.1',
  'url_rewriter.hosts': 'Read, but without effect',
};

import type { PhpVersion } from './php-version.js';

type Facts<T> = Readonly<Record<string, T>>;

/** Options that are named and not there yet. */
export const NOT_OFFERED = /^`(?:id\.strict|session\.lazyWrite|uploadProgress)/;

/** php-src, pull request 21938. */
export const LATER_DEFAULTS: Facts<{ '8.6': string }> = {
  'session.cookie_httponly': { '8.6': '1' },
  'session.cookie_samesite': { '8.6': 'Lax' },
  'session.use_strict_mode': { '8.6': '1' },
};

export const SINCE: Facts<PhpVersion> = { 'session.cookie_partitioned': '8.5' };

export const DEPRECATED: Facts<PhpVersion> = {
  'session.use_only_cookies': '8.4',
  'session.sid_length': '8.4',
  'session.sid_bits_per_character': '8.4',
  'session.use_trans_sid': '8.4',
  'session.trans_sid_tags': '8.4',
  'session.trans_sid_hosts': '8.4',
  'session.referer_check': '8.4',
};

const ID_BITS = 'Ids of fewer than 128 bits are a fault. For ids in files that PHP shares; our own have 256';
const PROBABILITY = 'By default a timer removes what has expired (`prune.interval`), and no request does';
const REWRITER =
  "For `output_add_rewrite_var`, which is not here. Its tags count as the session's where those are not set, as before PHP 7.1";

export const DIFFERENCES: Facts<string> = {
  'session.name':
    'A name that is no token of RFC 9110 is a fault, and so is a prefix whose promise is not kept',
  'session.cookie_lifetime': 'Text that is no number, which PHP takes for 0, is a fault',
  'session.cookie_path': 'A semicolon or a control character is a fault',
  'session.cookie_domain': 'A port, a semicolon or a control character is a fault',
  'session.cookie_secure': "Here `'auto'` besides: as the connection is",
  'session.cookie_samesite':
    'Any other text is a fault, and so is None without `session.cookie_secure`, or without quotes',
  'session.cookie_partitioned': 'On without `session.cookie_secure` is a fault',
  'session.use_cookies':
    'Off while `session.use_only_cookies` is on leaves no place for an id: a fault. Else a new id is told in the header of `id.header`',
  'session.use_only_cookies': 'On by default: ids are taken from the cookie alone',
  'session.use_strict_mode': 'Always strict: an id that was not made here is never taken',
  'session.sid_length': ID_BITS,
  'session.sid_bits_per_character': ID_BITS,
  'session.gc_maxlifetime': 'Checked at each request, and not only when something is removed',
  'session.gc_probability': PROBABILITY,
  'session.gc_divisor': PROBABILITY,
  'session.save_handler':
    'files: sealed ones, or those of PHP with `sharedUnsealed`. redis: a fault, not offered yet. Others are a fault that names `store`',
  'session.save_path': 'Must be absolute; N and MODE must be numbers, and not more than PHP can use',
  'session.serialize_handler':
    'For files that PHP shares; what is sealed needs none. Handlers of extensions are a fault',
  'session.lazy_write': 'What did not change is not written',
  'session.cache_limiter': 'Text that PHP takes for no limiter is a fault. Empty is `none` here',
  'session.cache_expire': 'Minutes, as in PHP',
  'session.use_trans_sid':
    'Needs `session.use_only_cookies` off, as in PHP, and the package parse5-sax-parser',
  'session.trans_sid_tags': 'An entry that PHP ignores is a fault',
  'session.trans_sid_hosts': 'Empty: our own host, as PHP says and does not do',
  'session.referer_check':
    'PHP looks for the text anywhere in the header; here origins are compared, unless `id.refererCheck.match` says otherwise',
  'arg_separator.output': 'Always `&amp;`, which is `&` in HTML. Empty is a fault: PHP refuses it',
  'url_rewriter.tags': REWRITER,
  'url_rewriter.hosts': 'Read and of no use',
};

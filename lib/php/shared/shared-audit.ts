import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import type { ResolvedShared } from './shared-options.js';

const PATH = 'store.sharedUnsealed';
/** The end of most remedies: to stop sharing. */
const UNSHARED =
  'remove sharedUnsealed once PHP no longer needs the sessions: sessions are sealed from then on, and users begin new ones';

/** The findings of every shared store. docs/php.md lists the same promises, in the same order. */
const FINDINGS: readonly AuditFinding[] = [
  {
    level: 'warning',
    code: 'php-unsealed',
    path: PATH,
    value: 'readable on disk',
    message:
      'session files are not sealed, and their names are the ids: anyone who reads the folder, or a copy of it, can take the sessions over',
    recommended: 'sealed sessions under hashed names',
    remedy: UNSHARED,
    source: 'PHP session.save_path, ASVS 14.2.4',
  },
  {
    level: 'warning',
    code: 'php-unauthenticated',
    path: PATH,
    value: "PHP's entries are not authenticated",
    message:
      'except for logins of this application, the content of a file is taken as it is: anyone who can write files there can change carts and rights',
    recommended: 'sessions that nobody else can write',
    remedy: `validate the data that PHP writes as you validate input; ${UNSHARED}`,
    source: 'PHP session.security, ASVS 7.2.1',
  },
  {
    level: 'warning',
    code: 'php-no-tombstones',
    path: PATH,
    value: 'an ended session leaves no tombstone',
    message:
      'a replaced id is forgotten at once: a lost Set-Cookie loses the session, ids are not renewed periodically, the use of an old id raises no event, and a PHP without session.use_strict_mode accepts it again',
    recommended: 'old ids that resolve for the grace period, and raise an event after it',
    remedy: `keep session.use_strict_mode = 1 in every php.ini that shares the folder; ${UNSHARED}`,
    source: 'PHP session_regenerate_id, ASVS 7.2.4',
  },
  {
    level: 'info',
    code: 'php-lock',
    path: PATH,
    value: 'requests wait for PHP',
    message:
      'a request waits for the PHP page that has locked its session, for nearly session.commitTimeout, and then gets 503',
    recommended: 'requests that do not wait for one another',
    remedy: 'call session_write_close() early in PHP pages that take long',
    source: 'PHP session.security (locking)',
  },
];

/** The finding of a store with `subjectKey`. */
const TRUSTED_SUBJECT: AuditFinding = {
  level: 'warning',
  code: 'php-trusted-subject',
  path: `${PATH}.subjectKey`,
  value: 'a variable of PHP names the subject',
  message:
    'a variable of PHP says who is logged in: anyone who can write session files, or change that variable in PHP, can be any user',
  recommended: 'no subjectKey, with logins in this application',
  remedy: 'log users in here, let PHP read the session, and then remove subjectKey',
  source: 'PHP session.security, ASVS 7.2.1',
};

/** Returns a finding for each promise that does not hold for sessions shared with PHP. */
export const auditShared = ({ subjectKey }: Pick<ResolvedShared, 'subjectKey'>): readonly AuditFinding[] =>
  subjectKey === undefined ? FINDINGS : [...FINDINGS, TRUSTED_SUBJECT];

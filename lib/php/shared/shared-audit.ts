import type { AuditFinding } from '../../persistence/session-format.interface.js';
import type { ResolvedShared } from './shared-options.js';

const PATH = 'store.sharedUnsealed';
const UNSHARED = 'when PHP has gone, take sharedUnsealed away: sessions are sealed then, and begin anew';

const FINDINGS: readonly AuditFinding[] = [
  {
    level: 'warning',
    code: 'php-unsealed',
    path: PATH,
    value: 'readable on disk',
    message:
      'sessions stand in clear in files that are named by their ids: whoever reads the folder, or a copy of it, takes them over',
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
      'everything in a session but who logged in here is what the file says: whoever can write files there changes carts and rights',
    recommended: 'sessions that nobody else can write',
    remedy: `treat what PHP writes as you treat input; ${UNSHARED}`,
    source: 'PHP session.security, ASVS 7.2.1',
  },
  {
    level: 'warning',
    code: 'php-no-tombstones',
    path: PATH,
    value: 'an ended session leaves nothing behind',
    message:
      'an id that was left is forgotten at once: a lost Set-Cookie loses the session, ids are not renewed from time to time, the use of an old one raises no alarm, and a PHP without session.use_strict_mode takes it again',
    recommended: 'old ids that lead on for a minute, and are noticed afterwards',
    remedy: `keep session.use_strict_mode = 1 in every php.ini that shares the folder; ${UNSHARED}`,
    source: 'PHP session_regenerate_id, ASVS 7.2.4',
  },
  {
    level: 'info',
    code: 'php-lock',
    path: PATH,
    value: 'requests wait for PHP',
    message:
      'requests of one session wait for the PHP page that holds it, up to session.commitTimeout, and get 503 then',
    recommended: 'requests that do not wait for one another',
    remedy: 'let PHP pages that take long call session_write_close() early',
    source: 'PHP session.security (locking)',
  },
];

const TRUSTED_SUBJECT: AuditFinding = {
  level: 'warning',
  code: 'php-trusted-subject',
  path: `${PATH}.subjectKey`,
  value: 'a variable of PHP says who is logged in',
  message:
    'who is logged in is what a variable says: whoever can write files there, or reach that variable in PHP, is anybody',
  recommended: 'none, where users log in here',
  remedy: 'log in here and let PHP read the session, then take subjectKey away',
  source: 'PHP session.security, ASVS 7.2.1',
};

/** What a security review should know of sharing sessions with PHP. */
export const auditShared = ({ subjectKey }: ResolvedShared): readonly AuditFinding[] =>
  subjectKey === undefined ? FINDINGS : [...FINDINGS, TRUSTED_SUBJECT];

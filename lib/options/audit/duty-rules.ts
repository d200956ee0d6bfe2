import type { AuditRule, RuleText } from './audit.interface.js';

/** What only the application can do. */
const DUTIES: readonly Omit<RuleText, 'code'>[] = [
  {
    setting: 'login',
    recommended: 'a new id at login, at renewed login and when rights change',
    why: 'an id from before the login may be known to somebody else',
    remedy:
      'await session.login(subject), and regenerate() when rights change: both give a new id and end the old one',
    source: 'ASVS 7.2.4, PHP session.security (regeneration), OWASP session sheet (Renew the Session ID)',
  },
  {
    setting: 'logout',
    recommended: 'a way out on every page that needs a login',
    why: 'who cannot leave stays logged in on a computer that others use',
    remedy:
      'await session.logout(), reachable by POST from every such page; clear what the page keeps in the browser',
    source: 'ASVS 7.4.4, ASVS 14.3.1, OWASP session sheet (Manual Session Expiration)',
  },
  {
    setting: 'forged requests',
    recommended: 'a token for what changes something',
    why: 'SameSite alone does not stop requests from sites of the same domain, nor GET routes that change something',
    remedy: 'SessionCsrfGuard with @CsrfToken(), and no change by GET',
    source: 'ASVS 3.5.1, ASVS 3.5.3, PHP session.security (CSRF)',
  },
  {
    setting: 'fresh login',
    recommended: 'the password again before sensitive acts',
    why: 'a stolen or forgotten session must not change the address, the password or the second factor',
    remedy: '@RequireSession({ fresh: 300 }) on those routes, and session.login() after the check',
    source: 'ASVS 7.5.1, ASVS 7.5.3',
  },
  {
    setting: 'other sessions of a user',
    recommended: 'a list for the user, and their end when a password changes',
    why: 'a new password alone does not shut out who is inside already',
    remedy:
      'SessionService.list(subject), and revokeSubject(subject, { except }) after each change of password or factor',
    source: 'ASVS 7.4.3, ASVS 7.5.2, PHP session.security (active sessions)',
  },
  {
    setting: 'parallel sessions',
    recommended: 'a decision on how many a user may have',
    why: 'many sessions of one account may be a password that is passed on',
    remedy:
      'write it down; SessionService.list(subject) before session.login(subject) tells how many there are',
    source: 'ASVS 7.1.2, OWASP session sheet (Simultaneous Session Logons)',
  },
  {
    setting: 'reasons for the timeouts',
    recommended: 'timeouts that are written down with their reasons',
    why: 'how long is too long depends on what a session can do',
    remedy:
      'copy the values of this audit into your security documentation, with the reason for each that you changed',
    source: 'ASVS 7.1.1, PHP session.gc_maxlifetime',
  },
  {
    setting: 'single sign-on',
    recommended: 'sessions that end with those of the identity provider',
    why: 'who was logged out there is still logged in here',
    remedy: 'revokeSubject(subject) at back-channel logout, and a login that a person asked for',
    source: 'ASVS 7.1.3, ASVS 7.6.1, ASVS 7.6.2',
  },
  {
    setting: 'remember me',
    recommended: 'a separate random token, stored hashed, used once',
    why: 'a long-lived session id is worth too much',
    remedy: 'a cookie of its own, whose token is replaced at each use and can be revoked',
    source: 'PHP session.security (auto-login)',
  },
  {
    setting: 'log of sessions',
    recommended: 'beginning, renewal, end and refused ids in the log, without ids',
    why: 'theft and guessing show in the log first',
    remedy:
      'listen to SessionEvents: created, regenerated, ended, reused, rejected; they hold nothing that can be sent',
    source: 'OWASP session sheet (Logging Sessions Life Cycle), ASVS chapter 16',
  },
];

/** What no option says, and an operator knows. */
export const DUTY_RULES: readonly AuditRule[] = [
  {
    code: 'transport',
    setting: 'environment.https',
    recommended: 'https for every page, with Strict-Transport-Security',
    why: 'one plain request is enough to read a plain cookie or to put a page in front of the visitor',
    remedy:
      'redirect all of http, send HSTS for a year, and look at it with npx nestjs-session-crypto doctor --url',
    source: 'ASVS 3.4.1, PHP session.security (HSTS), OWASP session sheet (Transport Layer Security)',
    judge: ({ environment: { https } }) => {
      if (https === undefined) return { value: 'not known', verdict: 'choose' };
      return https ? { value: 'https', verdict: 'ok' } : { value: 'plain http', verdict: 'broken' };
    },
  },
  {
    code: 'proxy-trust',
    setting: 'environment.proxyTrust',
    recommended: 'only the proxies that are there',
    why: 'where anybody is believed, a visitor says by headers which host and connection the session is for',
    remedy:
      "app.set('trust proxy', 'loopback') or the proxies' addresses; new FastifyAdapter({ trustProxy: … })",
    source: 'OWASP session sheet (Manage Session ID as Any Other User Input)',
    judge: ({ environment: { proxyTrust } }) => {
      if (proxyTrust === undefined) return { value: 'not known', verdict: 'choose' };
      return { value: proxyTrust, verdict: proxyTrust === 'all' ? 'weak' : 'ok' };
    },
  },
  ...DUTIES.map((duty): AuditRule => ({
    ...duty,
    code: `duty-${duty.setting.replaceAll(' ', '-')}`,
    judge: () => ({ value: 'up to the application', verdict: 'choose' }),
  })),
];

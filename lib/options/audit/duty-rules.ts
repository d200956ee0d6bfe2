import { judged, type AuditRule, type RuleText } from './audit.interface.js';

/** Recommendations that only the application's own code or its operator can follow. */
const DUTIES: readonly Omit<RuleText, 'code'>[] = [
  {
    setting: 'login',
    recommended: 'a new id at each login and when rights change',
    why: 'somebody else may know an id from before the login',
    remedy:
      'call await session.login(subject), and regenerate() when rights change: both give a new id and end the old one',
    source: 'ASVS 7.2.4, PHP session.security (regeneration), OWASP session sheet (Renew the Session ID)',
  },
  {
    setting: 'logout',
    recommended: 'a logout button on every page that needs a login',
    why: 'a visitor who cannot log out stays logged in on a shared computer',
    remedy:
      'call await session.logout() in a POST route, link it from every such page, and clear what the page keeps in the browser',
    source: 'ASVS 7.4.4, ASVS 14.3.1, OWASP session sheet (Manual Session Expiration)',
  },
  {
    setting: 'forged requests',
    recommended: 'a CSRF token for every request that changes something',
    why: 'SameSite alone stops neither requests from other hosts of the same domain nor GET routes that change something',
    remedy: 'use SessionCsrfGuard with @CsrfToken(), and change nothing in GET routes',
    source: 'ASVS 3.5.1, ASVS 3.5.3, PHP session.security (CSRF)',
  },
  {
    setting: 'fresh login',
    recommended: 'the password again before sensitive actions',
    why: 'a stolen or forgotten session must not be enough to change the address, the password or the second factor',
    remedy: 'use @RequireSession({ fresh: 300 }) on those routes, and call session.login() after the check',
    source: 'ASVS 7.5.1, ASVS 7.5.3',
  },
  {
    setting: 'other sessions of a user',
    recommended: 'a list of sessions for the user, and their end when the password changes',
    why: 'a new password alone does not end the sessions of an attacker who is already logged in',
    remedy:
      'show SessionService.list(subject), and call revokeSubject(subject, { except }) after each change of a password or factor',
    source: 'ASVS 7.4.3, ASVS 7.5.2, PHP session.security (active sessions)',
  },
  {
    setting: 'parallel sessions',
    recommended: 'a decision how many sessions a user may have',
    why: 'many sessions of one account can mean that people share its password',
    remedy: 'write the decision down, and set session.maxPerSubject: { limit } where there is a limit',
    source: 'ASVS 7.1.2, OWASP session sheet (Simultaneous Session Logons)',
  },
  {
    setting: 'reasons for the timeouts',
    recommended: 'written reasons for the timeouts',
    why: 'the right timeout depends on what a session can do',
    remedy: 'copy the values of this audit into your security documentation, with a reason for each change',
    source: 'ASVS 7.1.1, PHP session.gc_maxlifetime',
  },
  {
    setting: 'single sign-on',
    recommended: 'sessions that end with those of the identity provider',
    why: 'a user who logs out at the identity provider is still logged in here',
    remedy:
      'call revokeSubject(subject) at back-channel logout, and start a login only when a person asks for it',
    source: 'ASVS 7.1.3, ASVS 7.6.1, ASVS 7.6.2',
  },
  {
    setting: 'remember me',
    recommended: 'a separate random token that is stored hashed and used once',
    why: 'a session id that lives for weeks is too valuable to an attacker',
    remedy:
      'import RememberMeModule.forRoot({ store }) of nestjs-session-crypto/remember-me: each use replaces its token, and a token can be revoked',
    source: 'PHP session.security (auto-login)',
  },
  {
    setting: 'log of sessions',
    recommended: 'start, renewal and end of sessions and refused ids in the log, but no ids',
    why: 'theft and guessing appear in the log first',
    remedy:
      'listen to SessionEvents: created, regenerated, ended, reused, rejected; no event contains an id or token that works',
    source: 'OWASP session sheet (Logging Sessions Life Cycle), ASVS chapter 16',
  },
];

/** Rules about facts that no option contains, and about duties that the audit cannot check. */
export const DUTY_RULES: readonly AuditRule[] = [
  {
    code: 'transport',
    setting: 'environment.https',
    recommended: 'https for every page, with Strict-Transport-Security',
    why: 'in one plain request an attacker can read a cookie without Secure, or give the visitor a false page',
    remedy:
      'redirect all http requests, send HSTS for a year, and check the site with npx nestjs-session-crypto doctor --url',
    source: 'ASVS 3.4.1, PHP session.security (HSTS), OWASP session sheet (Transport Layer Security)',
    judge: ({ environment: { https, hsts } }) => {
      if (https === undefined) return judged('unknown', 'choose');
      if (!https) return judged('plain http', 'broken');
      if (hsts === undefined) return judged('https; Strict-Transport-Security unknown', 'choose');
      return hsts
        ? judged('https with Strict-Transport-Security', 'ok')
        : judged('https without Strict-Transport-Security', 'weak');
    },
  },
  {
    code: 'proxy-trust',
    setting: 'environment.proxyTrust',
    recommended: 'only the proxies that exist',
    why: 'a platform that believes everybody lets a visitor choose the host and the security of the connection by headers',
    remedy:
      "call app.set('trust proxy', 'loopback') or name the proxies' addresses; with Fastify use new FastifyAdapter({ trustProxy: … })",
    source: 'OWASP session sheet (Manage Session ID as Any Other User Input)',
    judge: ({ environment: { proxyTrust } }) => {
      if (proxyTrust === undefined) return judged('unknown', 'choose');
      return judged(proxyTrust, proxyTrust === 'all' ? 'weak' : 'ok');
    },
  },
  ...DUTIES.map((duty): AuditRule => ({
    ...duty,
    code: `duty-${duty.setting.replaceAll(' ', '-')}`,
    judge: () => judged('left to the application', 'choose'),
  })),
];

import { isCookieStore, isForeignStore } from '../store-kind.js';
import { judged, type AuditRule, type AuditSubject, type AuditVerdict } from './audit.interface.js';

const HALF_HOUR = 1800;
const HOUR = 3600;
const WORKING_DAY = 28_800;
const DAY = 86_400;

/** Judges a limit in seconds: up to `good` is ok, up to `most` is a choice, more is weak. 0 means no limit at all. */
const limitVerdict = (seconds: number, good: number, most: number): AuditVerdict => {
  if (!seconds || seconds > most) return 'weak';
  return seconds <= good ? 'ok' : 'choose';
};

const shown = (seconds: number): string => (seconds ? `${seconds} s` : 'none');

/** Only our own server stores give a session a new id, keep tombstones and recognise old ids. */
const isServerStore = ({ options: { store } }: AuditSubject): boolean =>
  !isCookieStore(store) && !isForeignStore(store);

/** Rules about the end of sessions and the renewal of their ids. */
export const LIFETIME_RULES: readonly AuditRule[] = [
  {
    code: 'no-idle-timeout',
    setting: 'session.idleTimeout',
    recommended: '900 to 1800 s; 120 to 300 s for high-value applications',
    why: 'somebody else at the same computer can use a session that its owner left open',
    remedy: 'remove session.idleTimeout (1440); if you need more, write down why',
    sharedRemedy:
      'set one limit on both sides: session.idleTimeout: 1440 here, and the same seconds there (httpd: SessionMaxAge 1440, from which fromApacheDirectives() takes it; PHP: session.gc_maxlifetime = 1440)',
    source: 'PHP session.gc_maxlifetime, ASVS 7.3.1, OWASP session sheet (Idle Timeout)',
    judge: ({ options: { timeouts } }) =>
      judged(shown(timeouts.idleTimeout), limitVerdict(timeouts.idleTimeout, HALF_HOUR, HOUR)),
  },
  {
    code: 'no-absolute-timeout',
    setting: 'session.absoluteTimeout',
    recommended: '14400 to 28800 s, a working day',
    why: 'without it a session that is used never ends, and a stolen session does not either',
    remedy: 'remove session.absoluteTimeout (28800)',
    sharedRemedy:
      'set session.absoluteTimeout (28800); the other server has no such limit and continues by its own rules',
    source: 'ASVS 7.3.2, OWASP session sheet (Absolute Timeout)',
    judge: ({ options: { timeouts } }) =>
      judged(shown(timeouts.absoluteTimeout), limitVerdict(timeouts.absoluteTimeout, WORKING_DAY, DAY)),
  },
  {
    code: 'no-regeneration',
    setting: 'session.regenerateInterval',
    recommended: '900 s',
    why: 'a copied id is soon useless if ids change, and a second use of the old id reveals the theft',
    remedy: 'remove session.regenerateInterval (900)',
    source: 'PHP session.security (regeneration), OWASP session sheet (Renewal Timeout)',
    judge: (subject) => {
      const { regenerateInterval } = subject.options.timeouts;
      if (!isServerStore(subject)) return undefined;
      return judged(shown(regenerateInterval), limitVerdict(regenerateInterval, 900, HOUR));
    },
  },
  {
    code: 'long-grace',
    setting: 'session.graceTime',
    recommended: '60 s, at most 300',
    why: 'during the grace period an old id, and every copy of it, still resolves to its successor',
    remedy: 'remove session.graceTime (60)',
    source: 'PHP session.security (obsolete sessions)',
    judge: (subject) => {
      const { graceTime } = subject.options.timeouts;
      if (!isServerStore(subject)) return undefined;
      return judged(`${graceTime} s`, graceTime <= 60 ? 'ok' : limitVerdict(graceTime, 60, 300));
    },
  },
  {
    code: 'on-reuse',
    setting: 'session.onReuse',
    recommended: "'end'",
    why: 'somebody kept an id that is used after its grace period; ending all sessions of that user locks a thief out, but also a visitor with a slow connection',
    remedy: 'set session.onReuse: \'end\', or listen to the event "reused"',
    source: 'PHP session.security (obsolete sessions), OWASP session sheet (Detecting Anomalies)',
    judge: (subject) => {
      const { onReuse } = subject.options;
      return isServerStore(subject) ? judged(onReuse, onReuse === 'end' ? 'ok' : 'choose') : undefined;
    },
  },
];

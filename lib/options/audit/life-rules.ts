import { isCookieStore, isForeignStore } from '../store-kind.js';
import type { AuditRule, AuditVerdict } from './audit.interface.js';

const HALF_HOUR = 1800;
const HOUR = 3600;
const WORKING_DAY = 28_800;
const DAY = 86_400;

/** `fine` and less is ok, `most` and less is for the operator to choose; 0 means no limit at all. */
const limitVerdict = (seconds: number, fine: number, most: number): AuditVerdict => {
  if (!seconds || seconds > most) return 'weak';
  return seconds <= fine ? 'ok' : 'choose';
};

const said = (seconds: number): string => (seconds ? `${seconds} s` : 'none');

/** How sessions begin, are renewed and end. */
export const LIFE_RULES: readonly AuditRule[] = [
  {
    code: 'no-idle-timeout',
    setting: 'session.idleTimeout',
    recommended: '900 to 1800 s; 120 to 300 s where much is at stake',
    why: 'a session that nobody uses is there for whoever finds the browser open',
    remedy: 'leave session.idleTimeout out (1440), and write down why, if you need more',
    source: 'PHP session.gc_maxlifetime, ASVS 7.3.1, OWASP session sheet (Idle Timeout)',
    judge: ({ options: { timeouts } }) => ({
      value: said(timeouts.idleTimeout),
      verdict: limitVerdict(timeouts.idleTimeout, HALF_HOUR, HOUR),
    }),
  },
  {
    code: 'no-absolute-timeout',
    setting: 'session.absoluteTimeout',
    recommended: '14400 to 28800 s, a working day',
    why: 'a session that is used never ends without it, nor does a stolen one',
    remedy: 'leave session.absoluteTimeout out (28800)',
    sharedRemedy:
      'set session.absoluteTimeout (28800); the other server knows no such limit and goes on by its own',
    source: 'ASVS 7.3.2, OWASP session sheet (Absolute Timeout)',
    judge: ({ options: { timeouts } }) => ({
      value: said(timeouts.absoluteTimeout),
      verdict: limitVerdict(timeouts.absoluteTimeout, WORKING_DAY, DAY),
    }),
  },
  {
    code: 'no-regeneration',
    setting: 'session.regenerateInterval',
    recommended: '900 s',
    why: 'an id that changes is worth less to whoever copied it, and its second use tells of the theft',
    remedy: 'leave session.regenerateInterval out (900)',
    source: 'PHP session.security (regeneration), OWASP session sheet (Renewal Timeout)',
    judge: ({ options: { timeouts, store } }) =>
      isCookieStore(store) || isForeignStore(store)
        ? undefined
        : {
            value: said(timeouts.regenerateInterval),
            verdict: limitVerdict(timeouts.regenerateInterval, 900, HOUR),
          },
  },
  {
    code: 'long-grace',
    setting: 'session.graceTime',
    recommended: '60 s, at most 300',
    why: 'as long as an old id leads to its successor, a copy of it does too',
    remedy: 'leave session.graceTime out (60)',
    source: 'PHP session.security (obsolete sessions)',
    judge: ({ options: { timeouts, store } }) => {
      if (isCookieStore(store) || isForeignStore(store)) return undefined;
      const { graceTime } = timeouts;
      return { value: `${graceTime} s`, verdict: graceTime <= 60 ? 'ok' : limitVerdict(graceTime, 60, 300) };
    },
  },
  {
    code: 'on-reuse',
    setting: 'session.onReuse',
    recommended: "'end'",
    why: 'an id that is used after its time was kept by somebody: ending all sessions of that user shuts a thief out, and a visitor with a slow line too',
    remedy: 'session.onReuse: \'end\', or listen to the event "reused"',
    source: 'PHP session.security (obsolete sessions), OWASP session sheet (Detecting Anomalies)',
    judge: ({ options: { onReuse, store } }) =>
      isCookieStore(store) || isForeignStore(store)
        ? undefined
        : { value: onReuse, verdict: onReuse === 'end' ? 'ok' : 'choose' },
  },
];

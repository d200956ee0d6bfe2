import type { HealthFinding, HealthStatus } from './session-health.interface.js';

/** A rule: the part that it is about, how bad it is, and the sentence, whose facts stand for `{…}`. */
interface HealthRule {
  readonly part: HealthFinding['part'];
  readonly status: HealthStatus;
  readonly text: string;
}

/** The one table of what is `degraded` and what is `down`. docs/health.md says why, and what to do; a test compares both. */
export const HEALTH_RULES = {
  starting: {
    part: 'application',
    status: 'down',
    text: 'The application opens its stores and serves nobody yet',
  },
  closing: { part: 'application', status: 'down', text: 'The application shuts down' },
  'store-down': {
    part: 'store',
    status: 'down',
    text: 'The store {store} does not answer ({code}), so requests with a session get 503',
  },
  'store-down-anonymous': {
    part: 'store',
    status: 'degraded',
    text: "The store {store} does not answer ({code}), so everybody is anonymous (onStoreDown: 'anonymous')",
  },
  'store-slow': {
    part: 'store',
    status: 'degraded',
    text: 'The store {store} has not answered within the limit of a report; requests wait for it until session.commitTimeout',
  },
  'store-read-only': {
    part: 'store',
    status: 'degraded',
    text: 'The store {store} can be read and takes no writes ({code}), so logins and changes get 503',
  },
  'clock-offset': {
    part: 'clock',
    status: 'degraded',
    text: 'The clock of this process is {offset} s {direction} that of the store; set both right (NTP)',
  },
  'keys-none': { part: 'keys', status: 'down', text: 'There is no key that seals: {failure}' },
  'keys-failing': {
    part: 'keys',
    status: 'degraded',
    text: 'The keys could not be read again for {seconds} s, and the last good ring is in use: {failure}',
  },
  'keys-rotation-overdue': {
    part: 'keys',
    status: 'degraded',
    text: 'The key {hint} seals for {age} s, and rotation is {rotation}: no process makes or promotes the next one',
  },
  'ring-behind': {
    part: 'ring',
    status: 'degraded',
    text: 'The process {process} is behind: {what}; restart it',
  },
  'ring-failing': {
    part: 'ring',
    status: 'degraded',
    text: 'The process {process} cannot follow the ring ({code})',
  },
  'ring-unreadable': {
    part: 'ring',
    status: 'degraded',
    text: 'A process follows the ring with other crypto.secrets (row {process}): give all processes the same secrets',
  },
  'ring-silent': {
    part: 'ring',
    status: 'up',
    text: 'The process {process} has not reported for {seconds} s: it has crashed, or has lost the store of the keys',
  },
  'driver-fails': {
    part: 'driver',
    status: 'down',
    text: 'The driver {driver} fails ({code}), so nothing can be sealed or opened',
  },
  'driver-slow': {
    part: 'driver',
    status: 'degraded',
    text: 'The driver {driver} has not answered within the limit of a report; requests wait for it',
  },
  'revocation-down': {
    part: 'revocation',
    status: 'down',
    text: 'The source of revocations {store} does not answer ({code}), so requests with a session get 503',
  },
  'revocation-down-anonymous': {
    part: 'revocation',
    status: 'degraded',
    text: "The source of revocations {store} does not answer ({code}), so everybody is anonymous (onStoreDown: 'anonymous')",
  },
  'revocation-slow': {
    part: 'revocation',
    status: 'degraded',
    text: 'The source of revocations {store} has not answered within the limit of a report; requests wait for it until session.commitTimeout',
  },
  'revocation-read-only': {
    part: 'revocation',
    status: 'degraded',
    text: 'The source of revocations {store} takes no writes ({code}), so nobody can be logged out for good',
  },
} as const satisfies Readonly<Record<string, HealthRule>>;

export type HealthCode = keyof typeof HEALTH_RULES;

/** Returns the finding of a rule. */
export function finding(code: HealthCode, facts: Readonly<Record<string, unknown>> = {}): HealthFinding {
  const { part, status, text }: HealthRule = HEALTH_RULES[code];
  const message = text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? 'unknown'));
  return { code, part, status, message };
}

const ORDER: readonly HealthStatus[] = ['up', 'degraded', 'down'];

export const worstOf = (statuses: readonly HealthStatus[]): HealthStatus =>
  ORDER[Math.max(0, ...statuses.map((status) => ORDER.indexOf(status)))]!;

/** Returns the status of several things of which one is enough to serve some requests: `down` only if all are. */
export function sharedStatus(statuses: readonly HealthStatus[]): HealthStatus {
  const worst = worstOf(statuses);
  return worst === 'down' && statuses.some((status) => status !== 'down') ? 'degraded' : worst;
}

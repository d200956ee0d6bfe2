import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import type { SessionEventMap } from '../persistence/session-events.js';

/** An event that a counter counts, with its details. */
export type CountedEvent = {
  [E in 'created' | 'migrated' | 'ended' | 'signedIn' | 'signedOut' | 'rejected']: {
    readonly event: E;
    readonly detail: SessionEventMap[E];
  };
}['created' | 'migrated' | 'ended' | 'signedIn' | 'signedOut' | 'rejected'];

/** Attributes of a metric. */
export type TelemetryAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** The options of {@link SessionTelemetryModule}. */
export interface SessionTelemetryOptions {
  /** False to count and measure nothing. @default true */
  readonly metrics?: boolean;
  /** False to make no spans. @default true */
  readonly traces?: boolean;
  /** True to count the live sessions at each collection (`SessionService.count({ estimate: true })`), which asks the
   *  store. @default false */
  readonly countSessions?: boolean;
  /** Returns further attributes for the counters of sessions begun and ended, logins and rejected cookies: for instance a tenant.
   *  No attribute holds a subject or an id unless this function returns it. Each combination of values is a series of its
   *  own, so return few of them; from the 500th on, they are counted together. @default none */
  readonly attributes?: (counted: CountedEvent) => TelemetryAttributes;
  /** A MeterProvider of OpenTelemetry. @default the global one of `@opentelemetry/api` */
  readonly meterProvider?: { getMeter(name: string): object };
  /** A TracerProvider of OpenTelemetry. @default the global one of `@opentelemetry/api` */
  readonly tracerProvider?: { getTracer(name: string): object };
}

const NAMES: OptionNames<SessionTelemetryOptions> = {
  metrics: true,
  traces: true,
  countSessions: true,
  attributes: true,
  meterProvider: true,
  tracerProvider: true,
};

const FLAGS = ['metrics', 'traces', 'countSessions'] as const;
const METHODS = { meterProvider: 'getMeter', tracerProvider: 'getTracer' } as const;

/** Throws one SessionConfigError that lists every fault. */
export function checkTelemetryOptions(given: SessionTelemetryOptions): SessionTelemetryOptions {
  checkNames('SessionTelemetryModule.forRoot()', given, NAMES);
  const faults: ConfigFault[] = [];
  const check = (name: keyof SessionTelemetryOptions, isAllowed: boolean, allowed: string) => {
    const value: unknown = given[name];
    if (value !== undefined && !isAllowed)
      faults.push({
        path: `SessionTelemetryModule.forRoot().${name}`,
        message: `is ${kindOf(value)}; ${allowed}`,
      });
  };
  for (const name of FLAGS)
    check(name, typeof given[name] === 'boolean', 'write true or false, or leave it out');
  check('attributes', typeof given.attributes === 'function', 'write a function that returns attributes');
  for (const [name, method] of Object.entries(METHODS)) {
    const provider = given[name as keyof typeof METHODS];
    const has = typeof (Object(provider) as Record<string, unknown>)[method] === 'function';
    check(name as keyof typeof METHODS, has, `write a provider with the method ${method}()`);
  }
  if (faults.length) throw new SessionConfigError(faults);
  return given;
}

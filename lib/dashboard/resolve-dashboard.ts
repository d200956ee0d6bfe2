import { kindOf, SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { OptionReader } from '../options/option-reader.js';
import { RefererGuard } from '../referer.guard.js';
import { SessionCsrfGuard } from '../session-csrf.guard.js';
import { SessionGuard } from '../session.guard.js';
import type { DashboardGuard, SessionDashboardOptions } from './dashboard.options.js';

/** The options after all defaults and checks. */
export interface ResolvedDashboard {
  readonly guards: readonly DashboardGuard[];
  readonly path: string;
  readonly actor: SessionDashboardOptions['actor'];
  readonly decorators: readonly ClassDecorator[];
  readonly imports: NonNullable<SessionDashboardOptions['imports']>;
  /** `undefined` for all. */
  readonly sessions: readonly string[] | undefined;
}

const EXAMPLE = 'SessionDashboardModule.register({ guard: AdminGuard })';
const NO_GUARD = `is missing; the page shows who is logged in and can log users out, so it needs a guard of yours: ${EXAMPLE}`;
const WEAK_GUARD = `admits every user who is logged in, or everybody; write a guard that admits operators: ${EXAMPLE}, or add one to the list`;
/** None of these asks who somebody is, beyond being logged in. */
const WEAK: readonly unknown[] = [SessionGuard, SessionCsrfGuard, RefererGuard];

/** Applies the defaults and checks the options. Throws one SessionConfigError that lists every fault. */
export function resolveDashboard(options: SessionDashboardOptions): ResolvedDashboard {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('dashboard', options ?? {}, faults);
  const resolved: ResolvedDashboard = {
    guards: readGuards(reader),
    path: reader.text('path', 'ops/sessions', PATH, PATH_TEXT),
    actor: readActor(reader),
    decorators: readAll(reader, 'decorators', 'class decorators', isFunction),
    imports: reader.list('imports', 'modules') as ResolvedDashboard['imports'],
    sessions: readNames(reader),
  };
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
  return Object.freeze(resolved);
}

const PATH = /^\/?(?!\.+(?:\/|$))[\w.~-]+(?:\/(?!\.+(?:\/|$))[\w.~-]+)*\/?$/;
const PATH_TEXT = 'a path of plain segments, such as "ops/sessions"';
const isFunction = (value: unknown): value is ClassDecorator => typeof value === 'function';

function readGuards(reader: OptionReader): readonly DashboardGuard[] {
  const given = reader.take('guard');
  const guards: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (given === undefined || !guards.length) reader.addFault('guard', NO_GUARD);
  else if (!guards.every(isGuard)) {
    const wrong = guards.find((one) => !isGuard(one));
    reader.addFault(
      'guard',
      `has ${kindOf(wrong)}; allowed is a class or an object with canActivate(): ${EXAMPLE}`,
    );
  } else if (guards.every((one) => WEAK.includes(isFunction(one) ? one : one.constructor)))
    reader.addFault('guard', WEAK_GUARD);
  return guards as readonly DashboardGuard[];
}

/** A class may have `canActivate` as a property of its instances, which nobody sees before there is one. */
const isGuard = (value: unknown): value is DashboardGuard => {
  const { canActivate, prototype } = Object(value) as {
    canActivate?: unknown;
    prototype?: { canActivate?: unknown };
  };
  if (!isFunction(value)) return isFunction(canActivate);
  return isFunction(prototype?.canActivate) || Function.prototype.toString.call(value).startsWith('class');
};

function readActor(reader: OptionReader): ResolvedDashboard['actor'] {
  const actor = reader.take('actor');
  if (actor === undefined || actor === 'subject' || isFunction(actor))
    return actor as ResolvedDashboard['actor'];
  reader.addValueFault(
    'actor',
    actor,
    `"subject" or a function that returns a name: actor: (request) => request.user.name`,
  );
  return undefined;
}

function readNames(reader: OptionReader): readonly string[] | undefined {
  const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';
  const names = readAll(reader, 'sessions', 'names of sessions', isName);
  return names.length ? names : undefined;
}

function readAll<T>(
  reader: OptionReader,
  key: string,
  what: string,
  is: (value: unknown) => value is T,
): readonly T[] {
  const list = reader.list(key, what);
  if (list.every(is)) return list;
  reader.addFault(key, `has ${kindOf(list.find((one) => !is(one)))}; allowed is a list of ${what}`);
  return [];
}

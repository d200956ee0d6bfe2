import { SessionConfigError } from 'nestjs-session-crypto';
import type { Rule } from '../php-session.js';
import { REFUSED_AT_START } from './differences.js';
import type { Settings } from './probe-app.js';

type Wrong = (value: string, all: Settings) => boolean;

const FLAG = /^(?:on|yes|true|off|no|none|false|null|[+-]?\d*)$/i;
const NUMBER = /^\s*[+-]?(?:\d+|0[xob][0-9a-f]+)\s*[kmg]?\s*$/i;
/** Reads a flag as PHP does. */
export const isOn = (value: string | undefined): boolean => /^(?:on|yes|true|[+-]?0*[1-9]\d*)$/i.test(value ?? '');
const isNoCount: Wrong = (value) => !NUMBER.test(value) || Number.parseInt(value, 10) < 0 || value.length > 10;

/** Returns what is wrong with a value. It was written from PHP's manual and RFC 6265bis, independently of the reader. Only
 *  such settings may stop a start. */
const WRONG: Readonly<Record<string, Wrong>> = {
  'session.name': (value, all) =>
    !/^[!#$%&'*+\-^_`|~\w]+$/.test(value) || Number.isFinite(Number(value)) || breaksItsPrefix(value, all),
  'session.cookie_lifetime': isNoCount,
  'session.cookie_path': (value) => value !== '' && !/^\/[\x20-\x3a\x3c-\x7e]*$/.test(value),
  'session.cookie_domain': (value) => !/^[A-Za-z0-9.-]*$/.test(value),
  'session.cookie_samesite': (value, all) =>
    !/^(?:strict|lax|none|)$/i.test(value) || (/^none$/i.test(value) && !isOn(all['session.cookie_secure'])),
  'session.cookie_partitioned': (value, all) => isOn(value) && !isOn(all['session.cookie_secure']),
  'session.use_cookies': (value, all) => !isOn(value) && isOn(all['session.use_only_cookies'] ?? '1'),
  'session.cache_limiter': (value) => !/^(?:nocache|private|private_no_expire|public|none|)$/i.test(value),
  'session.cache_expire': isNoCount,
  'session.gc_maxlifetime': (value) => isNoCount(value, {}) || Number(value) === 0,
  'session.gc_probability': isNoCount,
  'session.gc_divisor': (value) => isNoCount(value, {}) || Number(value) === 0,
  'session.sid_length': (value, all) => !inRange(value, 22, 256) || bitsOf(all) < 128,
  'session.sid_bits_per_character': (value, all) => !inRange(value, 4, 6) || bitsOf(all) < 128,
  'session.save_path': (value) =>
    !/^(?:\d;(?:[0-7]{1,4};)?)?\{SAVE_PATH\}/.test(value) || /^\d;\d*[1-7];/.test(value),
  'session.save_handler': (value) => value.toLowerCase() !== 'files',
  'session.serialize_handler': (value) => !/^php(?:_serialize|_binary)?$/i.test(value),
};
const FLAGS = /\.(?:use_\w+|cookie_(?:secure|httponly|partitioned)|lazy_write|auto_start)$/;

/** Reports whether a value has an effect that PHP does not report, or no effect. */
export function isFaulty(name: string, all: Settings): boolean {
  const value = all[name]!;
  if (FLAGS.test(name) && !FLAG.test(value)) return true;
  return WRONG[name]?.(value, all) ?? false;
}

export const isRefusal = (error: unknown): error is SessionConfigError => error instanceof SessionConfigError;

/** Returns the rule for a refused start if a setting of the case is the reason. Throws the error again otherwise. */
export function refusalRule(error: unknown, settings: Settings): Rule {
  if (!isRefusal(error)) throw error;
  for (const { path: at } of error.faults) {
    const path = at.startsWith('store.') ? 'session.save_path' : at;
    if (!Object.hasOwn(settings, path) || !isFaulty(path, settings)) throw error;
  }
  return REFUSED_AT_START;
}

function breaksItsPrefix(name: string, all: Settings): boolean {
  if (!/^__(?:Host|Secure)-/i.test(name)) return false;
  return !isOn(all['session.cookie_secure']) || /^__Host-/i.test(name) === Boolean(all['session.cookie_domain']);
}

const inRange = (value: string, least: number, most: number): boolean =>
  /^\s*[+-]?\d+$/.test(value) && Number(value) >= least && Number(value) <= most;

const bitsOf = (all: Settings): number =>
  Number(all['session.sid_length'] ?? 32) * Number(all['session.sid_bits_per_character'] ?? 4);

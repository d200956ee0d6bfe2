import { kindOf, type ConfigFault } from '../errors/session-config.error.js';
import { meantElsewhere } from './meant-elsewhere.js';
import { meantHint } from '../errors/nearest-name.js';
import { hasForeignSeconds, looksLikeMilliseconds } from './seconds.js';

/** Reads one group of options. Each method returns the checked value, or the default if the option is not set or is wrong.
 *  A wrong option adds a fault to the list instead of throwing, so that one error can list all faults. A fault shows a
 *  short text or a number; methods for secrets show only the kind of the value. */
export class OptionReader {
  private readonly group: Record<string, unknown>;
  /** The options that were read. {@link end} reports all others as unknown. */
  private readonly known = new Set<string>();

  constructor(
    /** The option path of the group, such as `crypto.reload`; empty for the options as a whole. */
    private readonly path: string,
    private readonly given: unknown,
    private readonly faults: ConfigFault[],
  ) {
    const isGroup = typeof given === 'object' && given !== null && !Array.isArray(given);
    if (given !== undefined && !isGroup) this.addFault('', `is ${kindOf(given)}; allowed is an object`);
    this.group = isGroup ? (given as Record<string, unknown>) : {};
  }

  /** Returns the value as it is, without a check. */
  take(key: string): unknown {
    this.known.add(key);
    return this.group[key];
  }

  /** Returns a reader for a group inside this group. */
  sub(key: string): OptionReader {
    return new OptionReader(this.at(key), this.take(key), this.faults);
  }

  /** Reads a whole number from `min` to `max`; `unit` names what is counted, such as `seconds`. */
  integer(key: string, fallback: number, unit: string, [min, max]: readonly [number, number]): number {
    const value = this.take(key);
    if (value === undefined) return fallback;
    const isAllowed = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
    const seconds = unit === 'seconds' ? this.meantSeconds(value as number, isAllowed, max) : undefined;
    if (isAllowed && seconds === undefined) return value as number;
    const found = typeof value === 'number' ? String(value) : kindOf(value);
    const hint = seconds === undefined ? '' : `; were milliseconds meant? Then write ${seconds}`;
    const whether = isAllowed && hint ? `${hint}, else ${(value as number) + 1}` : hint;
    this.addFault(key, `is ${found}; allowed is a whole number of ${unit} from ${min} to ${max}${whether}`);
    return fallback;
  }

  /** Returns the seconds that a number of milliseconds has, if `value` is probably one; `undefined` otherwise. */
  private meantSeconds(value: number, isAllowed: boolean, max: number): number | undefined {
    if (isAllowed) {
      const isSlip = looksLikeMilliseconds(value) && !hasForeignSeconds(this.given);
      return isSlip ? value / 1000 : undefined;
    }
    return Number.isInteger(value) && value > max && value % 1000 === 0 && value / 1000 <= max
      ? value / 1000
      : undefined;
  }

  /** Reads one of the `allowed` values. */
  choice<T extends string | boolean>(key: string, fallback: T, allowed: readonly T[]): T {
    const value = this.take(key);
    if (value === undefined) return fallback;
    if (allowed.includes(value as T)) return value as T;
    const list = allowed.map((one) => JSON.stringify(one)).join(', ');
    const hint = meantHint(
      value,
      allowed.filter((one): one is T & string => typeof one === 'string'),
    );
    this.addFault(key, `is ${shown(value)}; allowed are ${list}${hint}`);
    return fallback;
  }

  /** Reads a text that matches `pattern`; `allowed` describes the pattern in words. */
  text(key: string, fallback: string, pattern: RegExp = /^[^]*$/, allowed = 'a text'): string {
    const value = this.take(key);
    if (value === undefined) return fallback;
    if (typeof value === 'string' && pattern.test(value)) return value;
    this.addFault(key, `is ${shown(value)}; allowed is ${allowed}`);
    return fallback;
  }

  /** Reads a list, whose entries are not checked yet; `what` names the entries. The default is an empty list. */
  list(key: string, what: string): readonly unknown[] {
    const value = this.take(key) ?? [];
    if (Array.isArray(value)) return value;
    this.addFault(key, `is ${kindOf(value)}; allowed is a list of ${what}`);
    return [];
  }

  /** Adds a fault that shows the value. Do not use it for secrets. */
  addValueFault(key: string, value: unknown, allowed: string): void {
    this.addFault(key, `is ${shown(value)}; allowed is ${allowed}`);
  }

  /** Adds a fault of the option `key`; the empty key stands for the group itself. The message continues the path. */
  addFault(key: string, message: string): void {
    this.faults.push({ path: this.at(key), message });
  }

  /** Adds a fault whose text may begin with the member that is wrong, as the faults of key sources do: `.file is …`. */
  addMemberFault(key: string, fault: string): void {
    const [member = ''] = /^\.\w+/.exec(fault) ?? [];
    this.addFault(key + member, fault.slice(member.length).trimStart());
  }

  /** Adds faults that already have their whole paths. */
  addFaults(faults: readonly ConfigFault[]): void {
    this.faults.push(...faults);
  }

  /** Adds faults whose paths begin below the option `key`. */
  addFaultsBelow(key: string, faults: readonly ConfigFault[]): void {
    for (const { path, message } of faults) this.addFault(path ? `${key}.${path}` : key, message);
  }

  /** Ends the reading of the group: adds a fault for each option that no method has read. */
  end(): void {
    const known = [...this.known];
    for (const key of Object.keys(this.group)) {
      if (this.known.has(key)) continue;
      const elsewhere = meantElsewhere(this.path, key);
      const hint = elsewhere ? '' : meantHint(key, known);
      this.addFault(key, `is unknown${hint || `; known are ${known.join(', ')}${elsewhere}`}`);
    }
  }

  /** Returns the whole path of an option, such as `crypto.secrets[0]`. */
  pathOf(key: string): string {
    return this.at(key);
  }

  private at(key: string): string {
    if (!this.path || !key) return this.path || key;
    return `${this.path}.${key}`;
  }
}

/** Returns a short text in quotes, and the kind of every other value. */
const shown = (value: unknown) =>
  typeof value === 'string' && value && value.length < 60 ? JSON.stringify(value) : kindOf(value);

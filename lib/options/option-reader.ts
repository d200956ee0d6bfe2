import { kindOf, type ConfigFault } from '../errors/session-config.error.js';
import { nearestName } from './nearest-name.js';

/** Reads one group of options: gives the default where nothing is said, and notes every fault instead of stopping at
 *  the first. Whatever was not asked for by the end is unknown. */
export class OptionReader {
  private readonly group: Record<string, unknown>;
  private readonly known = new Set<string>();

  constructor(
    private readonly path: string,
    value: unknown,
    private readonly faults: ConfigFault[],
  ) {
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value !== undefined && !isGroup) this.addFault('', `is ${kindOf(value)}; allowed is an object`);
    this.group = isGroup ? (value as Record<string, unknown>) : {};
  }

  /** The raw value. */
  take(key: string): unknown {
    this.known.add(key);
    return this.group[key];
  }

  sub(key: string): OptionReader {
    return new OptionReader(this.at(key), this.take(key), this.faults);
  }

  /** A whole number; `unit` says of what. */
  integer(key: string, fallback: number, unit: string, [min, max]: readonly [number, number]): number {
    const value = this.take(key);
    if (value === undefined) return fallback;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number;
    const said = typeof value === 'number' ? String(value) : kindOf(value);
    this.addFault(key, `is ${said}; allowed is a whole number of ${unit} from ${min} to ${max}`);
    return fallback;
  }

  choice<T extends string | boolean>(key: string, fallback: T, allowed: readonly T[]): T {
    const value = this.take(key);
    if (value === undefined) return fallback;
    if (allowed.includes(value as T)) return value as T;
    this.addFault(
      key,
      `is ${say(value)}; allowed are ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
    );
    return fallback;
  }

  text(key: string, fallback: string, form: RegExp = /^[^]*$/, allowed = 'a text'): string {
    const value = this.take(key);
    if (value === undefined) return fallback;
    if (typeof value === 'string' && form.test(value)) return value;
    this.addFault(key, `is ${say(value)}; allowed is ${allowed}`);
    return fallback;
  }

  /** A list, of whatever. */
  list(key: string, what: string): readonly unknown[] {
    const value = this.take(key) ?? [];
    if (Array.isArray(value)) return value;
    this.addFault(key, `is ${kindOf(value)}; allowed is a list of ${what}`);
    return [];
  }

  /** Notes a value of an option that is no secret. */
  addValueFault(key: string, value: unknown, allowed: string): void {
    this.addFault(key, `is ${say(value)}; allowed is ${allowed}`);
  }

  addFault(key: string, message: string): void {
    this.faults.push({ path: this.at(key), message });
  }

  /** Notes a fault that may begin with the member it is in, as those of key sources do: `.file is …`. */
  addMemberFault(key: string, fault: string): void {
    const [member = ''] = /^\.\w+/.exec(fault) ?? [];
    this.addFault(key + member, fault.slice(member.length).trimStart());
  }

  /** Notes what nobody asked for. */
  end(): void {
    for (const key of Object.keys(this.group)) {
      if (this.known.has(key)) continue;
      const nearest = nearestName(key, [...this.known]);
      this.addFault(
        key,
        `is unknown${nearest ? `; is "${nearest}" meant?` : `; known are ${[...this.known].join(', ')}`}`,
      );
    }
  }

  /** Notes what somebody else has found, with whole paths. */
  pass(faults: readonly ConfigFault[]): void {
    this.faults.push(...faults);
  }

  /** The same with paths below a key of this group. */
  passBelow(key: string, faults: readonly ConfigFault[]): void {
    for (const { path, message } of faults) this.addFault(path ? `${key}.${path}` : key, message);
  }

  /** The whole path of a key. */
  pathOf(key: string): string {
    return this.at(key);
  }

  private at(key: string): string {
    if (!this.path || !key) return this.path || key;
    return `${this.path}.${key}`;
  }
}

/** A short text as it is, anything else by its kind. For options that are no secrets. */
const say = (value: unknown) =>
  typeof value === 'string' && value && value.length < 60 ? JSON.stringify(value) : kindOf(value);

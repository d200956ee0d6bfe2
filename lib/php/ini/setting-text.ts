import { nearestName } from '../../errors/nearest-name.js';
import { quote, type Diagnostics } from './diagnostics.js';
import type { Entry } from './entry.interface.js';
import { PHP_SETTINGS, type PhpSetting } from './settings-table.js';

/** Reads one type of value. Returns `undefined` after it has added a fault. */
export type Read<T> = (setting: SettingText) => T | undefined;

/** The parts of a fault, besides the setting and its value. */
export interface Refusal {
  readonly allowed: string;
  /** A line of php.ini that would be accepted, or several with a word between them. */
  readonly write: string;
  /** The effect of the refused value in PHP, such as `which PHP takes for Off`. */
  readonly inPhp?: string | undefined;
}

/** The text of one setting, and the place for the faults and findings about it. */
export class SettingText {
  constructor(
    private readonly entry: Entry,
    /** The setting that the text is read for. The entry may have an older name for it. */
    readonly row: PhpSetting,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** The value as PHP's scanner leaves it. */
  get text(): string {
    return this.entry.text;
  }

  /** The unquoted word that PHP's scanner has replaced, such as `None`; see {@link Entry}. */
  get word(): string | undefined {
    return this.entry.word;
  }

  /** Returns the line of php.ini that gives the setting a value. A removed setting is replaced by the one of today. */
  line(value: string): string {
    const { name } = this.entry;
    const exists = PHP_SETTINGS.some((setting) => setting.name === name);
    return `${exists ? name : this.row.name} = ${value}`;
  }

  /** Adds a fault that shows the value, and returns `undefined`. */
  refuse({ allowed, write, inPhp }: Refusal): undefined {
    const found = `is ${quote(this.entry.shown)}${inPhp ? `, ${inPhp}` : ''}`;
    this.addFault(`${found}; allowed: ${allowed}; write ${write}`);
  }

  /** Returns the allowed word that the text is, in any case. Otherwise adds a fault with the list and the nearest word. */
  oneOf<T extends string>(allowed: readonly T[], orEmpty = ''): T | undefined {
    const { text } = this;
    const known = allowed.find((one) => one === text.toLowerCase());
    if (known) return known;
    const nearest = text && nearestName(text.slice(0, 40), allowed);
    const write = nearest ? `${this.line(nearest)} if you meant that` : this.line(allowed[0]!);
    return this.refuse({ allowed: allowed.join(', ') + orEmpty, write });
  }

  /** Adds a fault whose message is the setting's name and `rest`. Returns `undefined`. */
  addFault(rest: string): undefined {
    this.diagnostics.addFault(this.entry.place, `${this.entry.name} ${rest}`);
  }

  /** Adds a finding whose message is the setting's name and `rest`. */
  addFinding(rest: string): void {
    this.diagnostics.addFinding(this.entry.place, `${this.entry.name} ${rest}`);
  }
}

import type { Diagnostics } from './diagnostics.js';
import type { Entry } from './entry.interface.js';

/** A setting that PHP no longer has. */
export interface RemovedSetting {
  readonly name: string;
  /** The first version of PHP without it. */
  readonly removed: string;
  /** Its meaning for the reader, as Markdown for docs/php.md. */
  readonly instead: string;
}

const IDS = 'No effect: `session.sid_length` and `session.sid_bits_per_character` set the form of ids';
const RANDOM = 'No effect: ids come from the random source of the system';
const OLD = 'No effect';

/** The settings that PHP has removed. A finding says that they have no effect. */
export const REMOVED_SETTINGS: readonly RemovedSetting[] = [
  { name: 'session.hash_function', removed: '7.1', instead: IDS },
  { name: 'session.hash_bits_per_character', removed: '7.1', instead: IDS },
  { name: 'session.entropy_file', removed: '7.1', instead: RANDOM },
  { name: 'session.entropy_length', removed: '7.1', instead: RANDOM },
  { name: 'session.bug_compat_42', removed: '5.4', instead: OLD },
  { name: 'session.bug_compat_warn', removed: '5.4', instead: OLD },
];

/** Takes the removed settings out of the entries, with a finding for each. PHP ignores them, so they have no effect here. */
export function dropRemoved(entries: Map<string, Entry>, diagnostics: Diagnostics): void {
  for (const { name, removed, instead } of REMOVED_SETTINGS) {
    const entry = entries.get(name);
    if (!entry) continue;
    const remedy = instead === IDS ? ID_REMEDY : 'remove the line';
    diagnostics.addFinding(entry.place, `${name} was removed in PHP ${removed} and has no effect; ${remedy}`);
    entries.delete(name);
  }
}

const ID_REMEDY = 'remove the line, or write session.sid_length and session.sid_bits_per_character';

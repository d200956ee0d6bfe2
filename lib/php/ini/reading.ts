import { nearestName } from '../../options/nearest-name.js';
import type { Entry } from './entry.interface.js';
import { say, type Notes } from './notes.js';
import type { PhpSetting } from './settings-table.js';

/** Reads one type of value. Where it can't, it has noted a fault and gives `undefined`. */
export type Read<T> = (entry: Entry, notes: Notes, row: PhpSetting) => T | undefined;

/** Notes a fault that says what is allowed. */
export function refuse(entry: Entry, notes: Notes, allowed: string): undefined {
  notes.fault(entry.place, `${entry.name} is ${say(entry.shown)}; allowed is ${allowed}`);
}

/** One of some names, in any case. */
export function oneOf<T extends string>(allowed: readonly T[], entry: Entry, notes: Notes): T | undefined {
  const known = allowed.find((one) => one === entry.text.toLowerCase());
  if (known) return known;
  const near = entry.text && nearestName(entry.text.slice(0, 40), allowed);
  return refuse(entry, notes, `${allowed.join(', ')}${near ? `; is ${near} meant?` : ''}`);
}

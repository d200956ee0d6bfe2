import { kindOf } from '../../errors/session-config.error.js';
import type { Diagnostics } from './diagnostics.js';
import type { Entry } from './entry.interface.js';

/** Returns the entries of the object that `ini_get_all()` returns, with or without details. With details the
 *  `local_value` counts, because it is the value that PHP works with. */
export function entriesOfObject(source: object, diagnostics: Diagnostics): Entry[] {
  return Object.entries(source).flatMap(([name, value], i) => {
    const place = { at: name, order: i + 1 };
    const text = textOf(isDetails(value) ? value.local_value : value);
    if (text !== undefined && isDetails(value) && textOf(value.global_value) !== text)
      diagnostics.addFinding(
        place,
        `${name} differs between local_value and global_value (php.ini); local_value is used`,
      );
    if (text !== undefined) return [{ name, text, shown: text, place }];
    if (/^session\./i.test(name))
      diagnostics.addFault(
        place,
        `${name} is ${kindOf(value)}; allowed: a text, null, or an object with a local_value; write what ini_get_all("session") returns`,
      );
    return [];
  });
}

const isDetails = (value: unknown): value is { local_value: unknown; global_value?: unknown } =>
  typeof value === 'object' && value !== null && 'local_value' in value;

/** Converts a scalar to text as PHP does: null and false are empty, true is `1`. Returns `undefined` for other values. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === false) return '';
  if (value === true) return '1';
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' ? value : undefined;
}

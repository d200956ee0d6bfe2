import { kindOf } from '../../errors/session-config.error.js';
import type { Entry } from './entry.interface.js';
import type { Notes } from './notes.js';

/** What `ini_get_all()` gives, with details or without. */
export function entriesOfObject(given: object, notes: Notes): Entry[] {
  return Object.entries(given).flatMap(([name, value], i) => {
    const place = { at: name, order: i + 1 };
    const text = textOf(isDetails(value) ? value.local_value : value);
    if (text !== undefined && isDetails(value) && textOf(value.global_value) !== text)
      notes.finding(
        place,
        'has another value where it was asked for (local_value) than in php.ini; the former counts',
      );
    if (text !== undefined) return [{ name, text, shown: text, place }];
    if (/^session\./i.test(name))
      notes.fault(place, `is ${kindOf(value)}; allowed is what ini_get_all gives`);
    return [];
  });
}

const isDetails = (value: unknown): value is { local_value: unknown; global_value?: unknown } =>
  typeof value === 'object' && value !== null && 'local_value' in value;

/** As PHP makes texts of its scalars. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === false) return '';
  if (value === true) return '1';
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' ? value : undefined;
}

import type { Entry } from './entry.interface.js';
import type { SettingValues } from './setting-values.interface.js';
import { say, type Notes } from './notes.js';
import { quantityOf } from './quantity.js';
import { refuse, type Read } from './reading.js';
import type { PhpSetting } from './settings-table.js';

/** What a number outside of the range would do, or how to say what it was meant to do. */
const HINTS: Readonly<Record<string, string>> = {
  'session.gc_maxlifetime': ' seconds (PHP would end every session at once)',
  'session.gc_probability': ' (0: never)',
  'session.gc_divisor': ' (1: at each request, as PHP 8.2 does with 0)',
};

export const readFlag: Read<boolean> = ({ name, text, shown, place }, notes) => {
  if (/^(?:on|yes|true)$/i.test(text)) return true;
  if (/^(?:off|no|none|false|null)?$/i.test(text)) return false;
  const number = /^[ \t\n\r\v\f]*[+-]?\d{1,15}/.exec(text)?.[0];
  const on = number !== undefined && Number(number) !== 0;
  if (number === text) return on;
  return void notes.fault(
    place,
    `${name} is ${say(shown)}; allowed are On and Off (PHP would take it for ${on ? 'On' : 'Off'})`,
  );
};

export const readQuantity: Read<number> = (entry, notes, row) => {
  const value = quantityOf(entry.text);
  if (value === undefined) return refuse(entry, notes, 'a whole number, also with K, M or G behind it');
  return within(value, entry, notes, row);
};

/** ZEND_STRTOL, which must reach the end of the text: OnUpdateSidLength, ext/session/session.c. */
export const readDigits: Read<number> = (entry, notes, row) =>
  /^[ \t\n\r\v\f]*[+-]?\d{1,15}$/.test(entry.text)
    ? within(Number(entry.text), entry, notes, row)
    : refuse(entry, notes, 'a whole number in digits');

function within(value: number, entry: Entry, notes: Notes, row: PhpSetting): number | undefined {
  const [least, most] = row.range as readonly [number, number];
  if (value >= least && value <= most) return value;
  return void notes.fault(
    entry.place,
    `${entry.name} is ${say(entry.shown)}; allowed are ${least} to ${most}${HINTS[row.name] ?? ''}`,
  );
}

/** zend_strtod: OnUpdateReal, main/php_ini.h. */
export const readDecimal: Read<number> = (entry, notes) =>
  /^[ \t]*\+?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[+-]?\d{1,2})?[ \t]*$/i.test(entry.text)
    ? Number(entry.text)
    : refuse(entry, notes, 'a number of seconds, from 0');

/** OnUpdateRfc1867Freq, ext/session/session.c. */
export const readFrequency: Read<SettingValues['frequency']> = (entry, notes) => {
  const [, amount, sign] = /^[ \t]*\+?(\d{1,9})[ \t]*(%?)$/.exec(entry.text) ?? [];
  const value = Number(amount);
  if (amount === undefined || (sign && value > 100))
    return refuse(entry, notes, 'a number of bytes, or 0% to 100%');
  return Object.freeze(sign ? { percent: value } : { bytes: value });
};

import { quantityOf } from './quantity.js';
import type { SettingValues } from './setting-values.interface.js';
import type { Read, SettingText } from './setting-text.js';

/** Words of messages by the name of the setting. */
type Hints = Readonly<Record<string, string>>;

const UNITS: Hints = {
  'session.cookie_lifetime': ' of seconds',
  'session.gc_maxlifetime': ' of seconds',
  'session.cache_expire': ' of minutes',
};
/** The meanings of special numbers. */
const MEANINGS: Hints = {
  'session.gc_probability': ' (0 for never)',
  'session.gc_divisor': ' (1 for every request)',
};
/** The effect of a number that is too small in PHP. */
const TOO_SMALL: Hints = {
  'session.gc_maxlifetime': 'with which PHP ends every session',
  'session.gc_divisor': 'which PHP 8.2 takes for 1',
};

/** PHP reads the number of a flag by atoi(), which keeps the last 32 bits (zend_ini_parse_bool, Zend/zend_ini.c). */
const INTEGERS = 2 ** 32;

/** Reads On or Off, in the words and numbers that PHP knows. */
export const readFlag: Read<boolean> = (setting) => {
  const { text } = setting;
  if (/^(?:on|yes|true)$/i.test(text)) return true;
  if (/^(?:off|no|none|false|null)?$/i.test(text)) return false;
  const number = /^[ \t\n\r\v\f]*[+-]?\d{1,15}/.exec(text)?.[0];
  const on = number !== undefined && Number(number) % INTEGERS !== 0;
  if (number === text) return on;
  return setting.refuse({
    inPhp: `which PHP takes for ${on ? 'On' : 'Off'}`,
    allowed: 'On or Off',
    write: `${setting.line('On')}, or ${setting.line('Off')}`,
  });
};

/** Reads a whole number in PHP's notation, within the range of the setting. */
export const readQuantity: Read<number> = (setting) =>
  withinRange(quantityOf(setting.text), setting, ', also with K, M or G (times 1024, 1024² or 1024³)');

/** Reads a whole number in decimal digits, within the range of the setting. PHP uses ZEND_STRTOL here, which must reach
 *  the end of the text (OnUpdateSidLength, ext/session/session.c). */
export const readDigits: Read<number> = (setting) => {
  const isNumber = /^[ \t\n\r\v\f]*[+-]?\d{1,15}$/.test(setting.text);
  return withinRange(isNumber ? Number(setting.text) : undefined, setting, ' in decimal digits');
};

/** Returns the number if it is in the range of the setting. `notation` describes the notation that the setting accepts; the
 *  fault has it only if the text is no number. */
function withinRange(value: number | undefined, setting: SettingText, notation: string): number | undefined {
  const { name, range, defaults } = setting.row;
  const [least, most] = range as readonly [number, number];
  if (value !== undefined && value >= least && value <= most) return value;
  return setting.refuse({
    inPhp: value !== undefined && value < least ? TOO_SMALL[name] : undefined,
    allowed: `a whole number${UNITS[name] ?? ''} from ${least} to ${most}${MEANINGS[name] ?? ''}${value === undefined ? notation : ''}`,
    write: `for example ${setting.line(defaults['8.2'])}`,
  });
}

/** Reads a number of seconds that may have a fraction, as zend_strtod does (OnUpdateReal, main/php_ini.h). */
export const readDecimal: Read<number> = (setting) =>
  /^[ \t]*\+?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[+-]?\d{1,2})?[ \t]*$/i.test(setting.text)
    ? Number(setting.text)
    : setting.refuse({
        allowed: 'a number of seconds, 0 or more',
        write: `for example ${setting.line('0.5')}`,
      });

/** Reads a number of bytes or a percentage (OnUpdateRfc1867Freq, ext/session/session.c). */
export const readFrequency: Read<SettingValues['frequency']> = (setting) => {
  const [, amount, sign] = /^[ \t]*\+?(\d{1,9})[ \t]*(%?)$/.exec(setting.text) ?? [];
  const value = Number(amount);
  if (amount === undefined || (sign && value > 100))
    return setting.refuse({
      allowed: 'a number of bytes, or 0% to 100%',
      write: `for example ${setting.line('1%')}`,
    });
  return Object.freeze(sign ? { percent: value } : { bytes: value });
};

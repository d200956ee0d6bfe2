import type { Dice } from './random-data.js';

/** What settings take, and what means something to PHP's parsers. */
// prettier-ignore
const PIECES = [
  'on', 'Off', 'yes', 'no', 'none', 'None', 'true', 'FALSE', 'null', '', ' ', '  ', '\t', '\n', '\v', '+', '-', '0', '1', '5', '22', '32', '48', '256', '257', '1440', '180', '0x1F', '0b11', '0o17', '017', '1e3', '1.5', '.5', 'K', 'k', 'M', 'G', 'g',
  '2147483647', '2147483648', '9223372036854775807', '9223372036854775808', '%', 'a', 'Z', 'PHPSESSID', '__Host-', '__Secure-', '.', '_', '=', ',', ';', '/', '/app', '//', 'example.com', 'shop.example', '.example.com', ':80', 'ü', '漢', '\x7f', '\x01', '"', "'", '\\', '(', ')', '{', '[', '&', '&amp;',
  'Strict', 'lax', 'nocache', 'private', 'private_no_expire', 'public', 'files', 'user', 'redis', 'php', 'php_serialize', 'php_binary', 'wddx', 'a=href', 'form=', 'area=', 'http://example.com', '/tmp', '5;', '0600;', '2;0640;/tmp', 'N;MODE;',
] as const;

/** Returns a text of up to three pieces. One piece alone is what most settings take. */
export const textOf = (dice: Dice): string =>
  Array.from({ length: 1 + (dice.below(2) && dice.below(3)) }, () => PIECES[dice.below(PIECES.length)]!).join(
    '',
  );

// prettier-ignore
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  flag: ['on', 'Off', 'yes', 'NO', 'none', 'true', 'False', 'null', '0', '1', '2', '-1', '+1', '00', '01', ' 1', '1 ', 'onn', ''],
  quantity: ['0', '1', '1440', '2K', '3k', '1M', '1G', '2G', '4 K', '0x10', '0X1f', '0x1K', '0b11', '0o17', '017', '08', '+5', '-1', '1e3', '1.5', '7 ', ' 7', '1KB', '2147483647', '2147483648', ''],
  digits: ['4', '5', '6', '7', '21', '22', '32', '48', '256', '257', '+32', '0x20', '032', ' 32', '32 ', '32K', ''],
  decimal: ['0', '1', '0.5', '.5', '1.', '1e1', '-1', '+2', '1,5', ''],
  frequency: ['0', '1%', '100%', '101%', '-1', '5 %', '1024', '1K', ''],
  name: ['PHPSESSID', 'SHOP', 'app_session', '__Host-id', 'a.b', '0', '12', '1e3', 'a b', 'x=y', 'sid;', ''],
  path: ['/', '/app', '/app/', 'app', '/a b', '/a,b', ''],
  domain: ['shop.example', '.shop.example', 'localhost', 'shop.example:80', '127.0.0.1', 'http://a', ''],
  sameSite: ['Lax', 'strict', 'STRICT', 'None', 'Laxx', ''],
  limiter: ['nocache', 'private', 'Public', 'private_no_expire', 'none', 'private-no-expire', ''],
  serializer: ['php', 'PHP', 'php_serialize', 'php_binary', 'igbinary', ''],
  handler: ['files', 'Files', 'user', 'redis', 'memcached', ''],
  tags: ['a=href', 'a=href,form=', 'A=HREF', 'a = href', 'form', 'a=href,a=src', ''],
  hosts: ['shop.example', 'a.example,b.example', 'A.example', 'a.example, b.example', ''],
};
const QUOTES = ['', '', '', '"', "'"];

/** Returns a value as a line of php.ini has it, in quotes or not: often what the type takes, or nearly. */
export function lineValue(dice: Dice, type: string): string {
  const samples = SAMPLES[type] ?? [''];
  const quote = QUOTES[dice.below(QUOTES.length)]!;
  const text = dice.below(3) ? samples[dice.below(samples.length)]! : textOf(dice);
  return `${quote}${text}${quote}${dice.below(5) ? '' : ' ; comment'}`;
}

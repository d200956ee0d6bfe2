const QUANTITY =
  /^\s*([+-]?)(?:0x(?!0b)([\da-f]{1,20})|0b([01]{1,64})|0o([0-7]{1,30})|0(?!\s+[kmg])([0-7]{0,30})|([1-9]\d{0,30}))\s*([kmg]?)\s*$/i;
/** The bases of the groups 2 to 6 of {@link QUANTITY}. */
const BASES = [16, 2, 8, 8, 10];
const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** White space of JavaScript that PHP does not know as white space. */
const OTHER_BLANKS = /[^\S \t\n\r\v\f]/;

/** Reads a whole number in PHP's notation, such as `1440`, `0x5A0`, `0o2640` or `2K`. An empty text is 0. Returns
 *  `undefined` where PHP 8.2 warns and then uses 0 or a part of the text.
 *  @see zend_ini_parse_quantity, Zend/zend_ini.c */
export function quantityOf(text: string): number | undefined {
  if (text.length > 100 || OTHER_BLANKS.test(text)) return undefined;
  if (text.trim() === '') return 0;
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const index = match.slice(2, 7).findIndex((digits) => digits !== undefined);
  const amount = parseInt(match[index + 2] || '0', BASES[index]!);
  return (match[1] === '-' ? -amount : amount) * FACTORS[match[7]!.toLowerCase()]! + 0; // + 0 makes 0 of -0
}

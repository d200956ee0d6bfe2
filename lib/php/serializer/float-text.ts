/** Returns the text of a float as PHP serializes it: the fewest digits that read back as the same float, an exponent only
 *  from 1.0E+17 upward and below 1.0E-4, and no decimals in a whole number (php_gcvt with 17 digits, main/snprintf.c).
 *
 *      1   0.1   -1.5   123456.789   1.0E+17   1.25E-7   -0   INF   -INF   NAN */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NAN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return `${sign}INF`;
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e') as [string, string];
  return sign + withPoint(mantissa.replace('.', ''), Number(exponent) + 1);
}

/** Puts the decimal point before the digit at the index `point`, which may be outside of the digits. */
function withPoint(digits: string, point: number): string {
  if (point > 17 || point < -3) return exponential(digits, point - 1);
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, '0');
  return digits.length > point ? `${whole}.${digits.slice(point)}` : whole;
}

const exponential = (digits: string, exponent: number): string =>
  `${digits[0]}.${digits.slice(1) || '0'}E${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;

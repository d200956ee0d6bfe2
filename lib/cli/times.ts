/** UTC, to the second. A clock inside a record may be beyond all dates. */
export const secondOf = (time: Date): string => without(time, '.000Z');

/** UTC, to the minute. */
export const minuteOf = (time: Date): string => without(time, ':00.000Z');

const without = (time: Date, { length }: string): string =>
  Number.isNaN(time.getTime()) ? 'unknown' : `${time.toISOString().slice(0, -length).replace('T', ' ')}Z`;

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** Returns seconds in the two largest units that they fill, such as `2 h 5 min`. */
export function durationOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return '0 s';
  const [unit, size] = UNITS[first]!;
  const [smaller, step = 1] = UNITS[first + 1] ?? [];
  const rest = Math.floor((whole % size) / step);
  return `${Math.floor(whole / size)} ${unit}${smaller && rest ? ` ${rest} ${smaller}` : ''}`;
}

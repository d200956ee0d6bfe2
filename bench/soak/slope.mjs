// How fast memory grows: the slope of the line of least squares through samples of [minute, megabytes].

/** Megabytes a minute. The first third is left out: caches fill and code is compiled then. */
export function slope(samples) {
  const late = samples.slice(Math.floor(samples.length / 3));
  const mean = (k) => late.reduce((sum, one) => sum + one[k], 0) / late.length;
  const [x, y] = [mean(0), mean(1)];
  const square = late.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
  return square ? late.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0) / square : 0;
}

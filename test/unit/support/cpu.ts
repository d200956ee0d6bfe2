/** CPU times in milliseconds, so that other processes of the machine do not count. */

/** Below this nothing is compared: a quadratic pattern takes hundreds of milliseconds for 64 KB. */
const SMALL = 25;
const ROUNDS = 12;
const [SHORT, MIDDLE, LONG] = [16_384, 32_768, 65_536];

/** Makes a text of about so many characters. */
export type MakeText = (length: number) => string;

function cpuOf(run: (text: string) => unknown, text: string): number {
  const before = process.cpuUsage();
  run(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Returns what shows that the work for these texts grows faster than their length, or `undefined`. Linear work takes 4 times
 *  as long for 64 KB as for 16 KB, and quadratic work 16 times. Harmless texts of the same length are measured in between. The
 *  fastest of several rounds counts, since a machine under load slows single rounds. */
export function superlinear(run: (text: string) => unknown, make: MakeText): string | undefined {
  const [short, middle, long] = [make(SHORT), make(MIDDLE), make(LONG)];
  const harmless = 'a'.repeat(LONG);
  if (cpuOf(run, middle) < SMALL && cpuOf(run, long) < SMALL) return undefined;
  const best = { short: Infinity, middle: Infinity, long: Infinity, harmless: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    best.short = Math.min(best.short, cpuOf(run, short));
    best.harmless = Math.min(best.harmless, cpuOf(run, harmless));
    best.middle = Math.min(best.middle, cpuOf(run, middle));
    best.long = Math.min(best.long, cpuOf(run, long));
    if (!grows(best)) return undefined;
    if (round >= 3 && best.long > 20 * SMALL) break; // no doubt
  }
  return JSON.stringify(best);
}

const grows = ({ short, middle, long, harmless }: Record<'short' | 'middle' | 'long' | 'harmless', number>) =>
  long > SMALL && long > 8 * harmless && long > 8 * short && long > 2.5 * middle;

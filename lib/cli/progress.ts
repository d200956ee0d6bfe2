import { printable } from '../errors/printable.js';
import type { CommandIo } from './command-io.interface.js';

/** Shows how far long work is. */
export interface Progress {
  /** So many are done. `note` says more, such as the mark to go on from. */
  at(done: number, note?: string): void;
  /** The work has ended. */
  end(): void;
}

const BAR = 30;

/** Milliseconds between two pictures on a terminal, and between two lines elsewhere. */
const [REDRAW, LINE] = [100, 10_000];

/** Shows the progress of `total` steps, which may be an estimate, or `undefined` if nobody knows: as a bar on a terminal, and elsewhere as a line every ten
 *  seconds. It goes where messages go, so that the output is the result alone. */
export function progress(io: CommandIo, label: string, total: number | undefined): Progress {
  let last = io.interactive ? -Infinity : io.now();
  let shown = 0;
  let latest = '';
  const draw = () => {
    const line = printable(latest).slice(0, io.interactive ? (io.columns ?? 80) - 1 : undefined);
    io.err(io.interactive ? `\r${line.padEnd(shown)}` : `${line}\n`);
    shown = line.length;
  };
  return {
    at(done, note) {
      latest = lineOf(label, done, total, note);
      if (io.now() - last < (io.interactive ? REDRAW : LINE)) return;
      last = io.now();
      draw();
    },
    end() {
      if (!latest || !shown) return;
      draw();
      if (io.interactive) io.err('\n');
    },
  };
}

function lineOf(label: string, done: number, total: number | undefined, note = ''): string {
  const tail = `${label}${note && `, ${note}`}`;
  if (total === undefined) return `${done} ${tail}`;
  const whole = Math.max(total, done, 1);
  const bar = '#'.repeat(Math.floor((done / whole) * BAR)).padEnd(BAR, '.');
  return `[${bar}] ${done} of ${whole} ${tail}`;
}

import { styleText } from 'node:util';
import { printable } from '../errors/printable.js';
import type { CommandIo } from './command-io.interface.js';

/** The formats of `styleText` that commands use. */
export type Paint = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

/** Returns a text in a colour, where results may have colours. */
export const painted = ({ colors }: CommandIo, paint: Paint, text: string): string =>
  colors ? styleText(paint, text) : text;

/** Prints rows under their head, in columns. */
export function printTable(
  io: CommandIo,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const cells = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  io.out(lines.map((line, i) => `${i ? line : painted(io, 'bold', line)}\n`).join(''));
}

/** Prints facts, each with its name, in two columns. */
export function printFacts(io: CommandIo, facts: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts)
    io.out(`${painted(io, 'bold', printable(name).padEnd(width))}  ${printable(value)}\n`);
}

import { printable } from '../../errors/printable.js';
import type { CommandIo } from '../command-io.interface.js';
import { printTable } from '../print-table.js';
import { secondOf } from '../times.js';
import type { KeysReport } from './keys-report.interface.js';

/** Prints the sources, the keys, and what there is to say. */
export function printReport(io: CommandIo, { fingerprint, rings, findings, notes }: KeysReport): void {
  const sources = rings.flatMap((ring) => ring.sources);
  if (sources.length)
    printTable(
      io,
      ['source', 'from', 'loads'],
      sources.map(({ path, from, secrets, fault }) => [
        path,
        from,
        fault ?? `${secrets} ${secrets === 1 ? 'secret' : 'secrets'}`,
      ]),
    );
  const keys = rings.flatMap((ring) => ring.keys.map((key) => ({ ...key, path: ring.path })));
  if (keys.length)
    printTable(
      io,
      ['ring', 'key', 'hint', 'use', 'stored sessions', 'last ends'],
      keys.map(({ path, place, hint, seals, state, rows, lastEnd }) => [
        path,
        `${place}`,
        hint,
        seals ? 'seals' : (state ?? 'opens'),
        rows === undefined ? 'not counted' : `${rows}`,
        lastEnd ? secondOf(lastEnd) : '',
      ]),
    );
  if (fingerprint) io.out(`fingerprint of the options: ${fingerprint}\n`);
  for (const note of notes) io.out(`${printable(note)}\n`);
  for (const finding of findings) io.out(`wrong: ${printable(finding)}\n`);
}

// Raw results: a file of JSON lines outside git. The first line says how it was made; the others come as they are measured,
// so that a run that is cut short loses nothing.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const fileOf = (kind) => fileURLToPath(new URL(`../../results/${kind}.jsonl`, import.meta.url));

/** The lines of a file, [] if there is none. A last line that was cut off is left out. */
export function readResults(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap(parsed);
}

function parsed(line) {
  try {
    return line ? [JSON.parse(line)] : [];
  } catch {
    return [];
  }
}

/** Begins a file with its head, or goes on with one that is there, and gives the function that adds a line. */
export function resultsFile(file, head, { resume = false } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  if (!resume || !existsSync(file)) writeFileSync(file, `${JSON.stringify({ kind: 'head', ...head })}\n`);
  return (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);
}

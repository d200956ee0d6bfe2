// What the clients know: every request with its answer, in the order of the answers, as lines of JSON in a file.
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Milliseconds since this process began; it never jumps. */
export const now = () => Math.round(performance.now() * 10) / 10;

/** Opens a journal in a folder of its own, which stays until {@link remove} for whoever wants to look. */
export function openJournal() {
  const path = join(mkdtempSync(join(tmpdir(), 'session-crypto-chaos-')), 'journal.jsonl');
  const file = createWriteStream(path);
  const lines = [];
  return {
    path,
    lines,
    add(line) {
      lines.push(line);
      file.write(`${JSON.stringify(line)}\n`);
    },
    remove: () => rmSync(dirname(path), { recursive: true }),
    close: () => new Promise((resolve) => file.end(resolve)),
  };
}

/** Map.groupBy, which Node 20 does not have. */
export function groupBy(lines, keyOf) {
  const groups = new Map();
  for (const line of lines) {
    const key = keyOf(line);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(line);
  }
  return groups;
}

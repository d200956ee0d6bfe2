// Node binaries of other lines than the one that runs, from npm, kept in node_modules/.cache.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The program of this Node, or of the newest of another line, which an npm package holds. */
export function nodeOf(line) {
  if (process.version.startsWith(`v${line}.`)) return process.execPath;
  const kept = join(root, 'node_modules/.cache', `node-${line}`);
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(kept, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  mkdirSync(kept, { recursive: true });
  const options = ['--no-fund', '--no-audit', '--loglevel=error', '--prefix', kept];
  execFileSync('npm', ['install', ...options, `${name}@${line}`], {
    cwd: kept,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return node;
}

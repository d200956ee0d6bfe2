import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHttpd } from './httpd.mjs';
import { WORD } from './htaccess.js';

/** Lines of one run of `httpd -t`. */
const CHUNK = 400;
const MODULES = ['mpm_event', 'unixd', 'authz_core', 'session', 'session_cookie', 'session_crypto'];

interface Surroundings {
  /** A section that is opened before the lines, or nothing. */
  readonly before: string;
  readonly modules: readonly string[];
  /** Files below ServerRoot that exist. */
  readonly files: readonly string[];
}

/** Asks `httpd -t` which of many lines it refuses. Returns its message for each one, by the line's position. httpd stops at
 *  the first line that it refuses, so it is asked again about those behind it. */
export async function linesRefused(
  lines: readonly string[],
  { before, modules, files }: Surroundings,
): Promise<Map<number, string>> {
  const root = mkdtempSync(join(tmpdir(), 'session-crypto-values-'));
  try {
    for (const name of files) writeFileSync(join(root, name), 'a key\n');
    const head = `${headOf(root, [...MODULES, ...modules])}\n${before}`;
    const refused = new Map<number, string>();
    for (let from = 0; from < lines.length;) {
      const chunk = lines.slice(from, from + CHUNK);
      const found = await firstRefused(root, head, chunk, before ? '</Location>' : '');
      if (found) refused.set(from + found.index, found.message);
      from += found ? found.index + 1 : chunk.length;
    }
    return refused;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function headOf(root: string, modules: readonly string[]): string {
  const { modules: folder } = findHttpd()!;
  const loads = modules
    .map((name) => [name, join(folder, `mod_${name}.so`)] as const)
    .filter(([, file]) => existsSync(file))
    .map(([name, file]) => `LoadModule ${name}_module ${file}`);
  return [
    `ServerRoot "${root}"`,
    'ServerName localhost',
    'ErrorLog error.log',
    'LogLevel emerg',
    `Define WORD "${WORD}"`,
    ...loads,
  ].join('\n');
}

/** Physical lines of one line: those behind it are empty, because a backslash at its end joins the next one. */
const HEIGHT = 4;

function firstRefused(
  root: string,
  head: string,
  lines: readonly string[],
  end: string,
): Promise<{ index: number; message: string } | undefined> {
  const path = join(root, 'httpd.conf');
  const start = head.split('\n').length;
  writeFileSync(path, `${head}${lines.map((line) => line + '\n'.repeat(HEIGHT)).join('')}${end}\n`);
  return new Promise((resolve, reject) => {
    execFile(findHttpd()!.program, ['-d', root, '-f', path, '-t'], (error, _, stderr) => {
      if (!error) return resolve(undefined);
      const [, line, message = ''] = /Syntax error on line (\d+) of [^\n]*\n([^]*)/.exec(stderr) ?? [];
      const at = Number(line);
      const index = Math.floor((at - start) / HEIGHT);
      if (!lines[index]) return reject(new Error(`httpd -t failed: ${stderr}`));
      return resolve({ index, message: message.trim() });
    });
  });
}

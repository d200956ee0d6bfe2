import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/cleanup.js';
import { findPhp } from './find-php.mjs';

const run = promisify(execFile);

/** Stands in a text for a number that makes the names of its directives unique. */
export const NUMBER = '@@';

/** Lets one PHP read many files at its start, as it reads those of a conf.d. Each is parsed on its own, so that one that PHP
 *  cannot read ends only itself. Returns the values of the directives `names`, by get_cfg_var; false if PHP has none. */
export async function readFiles(
  texts: readonly string[],
  names: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<unknown[][]> {
  const folder = await temporaryFolder();
  const scanned = join(folder, 'conf.d');
  await mkdir(scanned);
  for (const [i, text] of texts.entries())
    await writeFile(join(scanned, `${String(i).padStart(6, '0')}.ini`), text.replaceAll(NUMBER, String(i)));
  const values = names.map((name) => `get_cfg_var("${name}$i")`).join(',');
  const code = `$o = []; for ($i = 0; $i < ${texts.length}; $i++) $o[] = [${values}]; echo '@', json_encode(array_map(fn($r) => array_map(fn($v) => is_string($v) ? bin2hex($v) : $v, $r), $o));`;
  const { stdout } = await run(findPhp()!.program, ['-c', join(folder, 'none.ini'), '-r', code], {
    env: { ...env, PHP_INI_SCAN_DIR: scanned },
    maxBuffer: 1 << 28,
  });
  await rm(folder, { recursive: true });
  const rows = JSON.parse(stdout.slice(stdout.lastIndexOf('@') + 1)) as unknown[][];
  return rows.map((row) => row.map((v) => (typeof v === 'string' ? Buffer.from(v, 'hex').toString() : v)));
}

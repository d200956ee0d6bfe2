import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/cleanup.js';
import { findPhp } from './find-php.mjs';

const run = promisify(execFile);

/** What PHP made of a line of php.ini. */
export interface Started {
  /** True if PHP read the line to its end. */
  readonly set: boolean;
  /** The value in effect, by ini_get. */
  readonly text: string;
  /** True or false for a flag, by phpinfo; what ids have for their length and bits; what the cookie has; otherwise the
   *  number that a quantity is. */
  readonly meaning: unknown;
  /** What PHP said about the setting at its start. */
  readonly said: readonly string[];
}

/** The parts that PHP has parsed when it runs the program. */
const CODE = `ob_start(); phpinfo(INFO_MODULES | INFO_CONFIGURATION); $info = ob_get_clean();
$cookie = session_get_cookie_params();
$id = session_create_id();
for ($ids = '', $i = 0; $i < 10; $i++) $ids .= session_create_id();
$bits = preg_match('/[w-zA-Z,-]/', $ids) ? 6 : (preg_match('/[g-v]/', $ids) ? 5 : 4);
$parts = ['session.name' => session_name(), 'session.cookie_path' => $cookie['path'], 'session.cookie_domain' => $cookie['domain'],
  'session.sid_length' => strlen($id), 'session.sid_bits_per_character' => $bits];
$out = [];
foreach (explode(' ', getenv('NAMES')) as $i => $n) {
  $v = (string) ini_get($n);
  $flag = preg_match('/^' . preg_quote($n, '/') . ' => (On|Off) => /m', $info, $m) ? $m[1] === 'On' : null;
  $out[] = [get_cfg_var("end$i") !== false, bin2hex($v), $flag, @ini_parse_quantity($v), is_string($p = $parts[$n] ?? null) ? bin2hex($p) : $p];
}
echo "\\n@", json_encode($out);`;

const textOfHex = (hex: string) => Buffer.from(hex, 'hex').toString();

/** Starts one PHP that reads one file for each setting: the line `name = value`, and a last line that shows that PHP came
 *  there. Sessions that it starts by itself stay in a folder of this run. */
export async function startWith(names: readonly string[], values: readonly string[]): Promise<Started[]> {
  const folder = await temporaryFolder();
  const scanned = join(folder, 'conf.d');
  await mkdir(scanned);
  const files = names.map((name, i) => [
    `${String(i).padStart(3, '0')}.ini`,
    `${name} = ${values[i]!}\nend${i} = 1\n`,
  ]);
  for (const [file, text] of [...files, ['zz.ini', `session.save_path = "${folder}"\n`]])
    await writeFile(join(scanned, file!), text!);
  const env = { PHP_INI_SCAN_DIR: scanned, NAMES: names.join(' ') };
  const { stdout, stderr } = await run(findPhp()!.program, ['-c', join(folder, 'none.ini'), '-r', CODE], {
    env,
  }).catch((error: { stdout?: string; stderr: string }) => {
    if (!error.stdout?.includes('\n@')) throw error;
    return { stdout: error.stdout, stderr: error.stderr };
  });
  await rm(folder, { recursive: true });
  const at = stdout.lastIndexOf('\n@');
  const lines = `${stderr}\n${stdout.slice(0, at)}`
    .split('\n')
    .filter((line) => !line.startsWith('Deprecated'));
  const rows = JSON.parse(stdout.slice(at + 2)) as [
    boolean,
    string,
    boolean | null,
    number,
    string | number | null,
  ][];
  return rows.map(([set, hex, flag, quantity, part], i) => ({
    set,
    text: textOfHex(hex),
    meaning: typeof part === 'string' ? textOfHex(part) : (part ?? flag ?? quantity),
    said: lines.filter((line) => line.includes(`${names[i]!} `) || line.includes(`${names[i]!}"`)),
  }));
}

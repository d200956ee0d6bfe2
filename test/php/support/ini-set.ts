import { execFile } from 'node:child_process';
import { writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/cleanup.js';
import { findPhp } from './find-php.mjs';

const run = promisify(execFile);

/** What PHP understands, by the type of the setting, as an expression of PHP after the setting was set to `$v`. Absent where
 *  PHP shows only the text. */
const MEANINGS: Readonly<Record<string, string>> = {
  quantity: '@ini_parse_quantity($v)',
  digits: '(int) ini_get($name)',
  text: 'ini_get($name)',
  separator: 'ini_get($name)',
  name: 'session_name()',
  path: "session_get_cookie_params()['path']",
  domain: "session_get_cookie_params()['domain']",
  serializer: 'ini_get($name)',
};
const FLAGS: Readonly<Record<string, string>> = {
  'session.cookie_secure': "session_get_cookie_params()['secure']",
  'session.cookie_httponly': "session_get_cookie_params()['httponly']",
};

/** What PHP makes of a value; `null` where it refuses it or warns. */
export type Taken = { readonly meaning: unknown } | null;

/** Lets PHP set a setting to each of the values. Returns `undefined` for a setting that only a php.ini can set. */
export async function setValues(
  name: string,
  type: string,
  values: readonly string[],
): Promise<Taken[] | undefined> {
  const folder = await temporaryFolder();
  const file = join(folder, 'values.json');
  await writeFile(file, JSON.stringify(values.map((value) => Buffer.from(value).toString('hex'))));
  const code = `
    $name = ${JSON.stringify(name)};
    if (!((ini_get_all(null, true)[$name]['access'] ?? 0) & 1)) { echo 'null'; exit; }
    $first = ini_get($name);
    set_error_handler(function () { throw new ErrorException(); }, E_ALL & ~E_DEPRECATED);
    $out = [];
    foreach (json_decode(file_get_contents(${JSON.stringify(file)})) as $hex) {
      $v = hex2bin($hex);
      try {
        if (ini_set($name, $v) === false) { $out[] = null; continue; }
        $m = ${FLAGS[name] ?? MEANINGS[type] ?? 'false'};
        $out[] = is_string($m) ? ['text', bin2hex($m)] : ['value', $m];
      } catch (Throwable $e) { $out[] = null; }
      finally { try { ini_set($name, $first); } catch (Throwable $e) {} }
    }
    echo json_encode($out);`;
  const { stdout } = await run(findPhp()!.program, ['-n', '-r', code], { maxBuffer: 1 << 28 });
  await rm(folder, { recursive: true });
  const known = name in FLAGS || type in MEANINGS;
  return (JSON.parse(stdout) as (['text', string] | ['value', unknown] | null)[] | null)?.map((one) => {
    if (!one) return null;
    if (!known) return { meaning: undefined };
    return { meaning: one[0] === 'text' ? Buffer.from(one[1], 'hex').toString() : one[1] };
  });
}

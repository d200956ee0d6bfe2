import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/cleanup.js';
import { findPhp } from './find-php.mjs';
import type { Asked, IniFile } from './ini-corpus.js';

const run = promisify(execFile);

/** The settings that the reader knows and that PHP counts among other extensions, so that ini_get_all('session') lacks them. */
const OTHERS = [
  'session.trans_sid_tags',
  'session.trans_sid_hosts',
  'url_rewriter.tags',
  'url_rewriter.hosts',
  'arg_separator.output',
];
const CODE = `$v = ini_get_all('session', false); foreach (explode(' ', '${OTHERS.join(' ')}') as $n) $v[$n] = ini_get($n);
$set = array_values(array_filter(array_keys($v), fn($n) => get_cfg_var($n) !== false));
echo json_encode(['version' => PHP_VERSION, 'values' => array_map('strval', $v), 'set' => $set], JSON_THROW_ON_ERROR);`;

/** The values of all session settings, and the names of those that the file sets. */
interface Reported {
  readonly version: string;
  readonly values: Readonly<Record<string, string>>;
  readonly set: readonly string[];
}

/** Starts the real PHP with one file as its php.ini, and returns what it printed, with the words of its start. */
async function start({ text, env }: Pick<IniFile, 'text' | 'env'>, code: string) {
  const folder = await temporaryFolder();
  const path = join(folder, 'php.ini');
  await writeFile(path, text);
  const { stdout, stderr } = await run(findPhp()!.program, ['-c', path, '-r', `echo "\\n@"; ${code}`], {
    env: { ...env, PHP_INI_SCAN_DIR: '' },
  }).catch(evenSo);
  await rm(folder, { recursive: true });
  const at = stdout.lastIndexOf('\n@');
  const lines = `${stderr}\n${stdout.slice(0, at)}`.replaceAll(path, 'php.ini').split('\n');
  const said = [...new Set(lines.map((line) => line.trim()))].filter(Boolean);
  return { printed: stdout.slice(at + 2), said };
}

/** Returns the output of a PHP that went on after a fatal error of its start, as it does, and that says so by its exit code. */
function evenSo(error: { stdout?: string; stderr?: string }): { stdout: string; stderr: string } {
  const { stdout, stderr } = error;
  if (!stdout?.includes('\n@')) throw error;
  return { stdout, stderr: stderr ?? '' };
}

/** Asks PHP what it does without any file, and then for files. */
export class RealPhp {
  private constructor(
    readonly version: string,
    private readonly defaults: Reported['values'],
  ) {}

  static async find(): Promise<RealPhp> {
    const { printed } = await start({ text: '', env: {} }, CODE);
    const { version, values } = JSON.parse(printed) as Reported;
    return new RealPhp(version, values);
  }

  /** Throws an error if PHP changed a setting that the file does not set, because the record would be without it. */
  async ask(file: IniFile): Promise<Asked> {
    const { printed, said } = await start(file, CODE);
    const { values, set } = JSON.parse(printed) as Reported;
    const changed = Object.keys(values).filter(
      (name) => values[name] !== this.defaults[name] && !set.includes(name),
    );
    if (changed.length) throw new Error(`${file.name}: PHP changed ${changed.join(', ')}`);
    const stop = said.map((line) => /^PHP: +(.*) in php\.ini on line (\d+)$/.exec(line)).find(Boolean);
    return {
      set: Object.fromEntries(set.map((name) => [name, values[name]!])),
      ...(stop && { stopped: { line: Number(stop[2]), words: stop[1]! } }),
      said: said.filter((line) => /session/i.test(line) && !/^(?:PHP: |Deprecated: )/.test(line)),
    };
  }

  /** Returns the settings of all extensions as JSON. */
  async all(file: IniFile): Promise<string> {
    return (await start(file, 'echo json_encode(ini_get_all(null, false));')).printed;
  }
}

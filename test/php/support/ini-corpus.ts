import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SessionConfigError, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromPhpIni, readPhpIni, type PhpIni } from 'nestjs-session-crypto/php';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

/** The files of test/vectors/php/ini. */
export const FOLDER = fileURLToPath(new URL('../../vectors/php/ini/', import.meta.url));
/** What PHP did with each of them. */
export const RECORD = join(FOLDER, 'record.json');

type Texts = Readonly<Record<string, string>>;

/** One php.ini. Remarks `; env: NAME=VALUE` in it are the environment that both sides get. */
export interface IniFile {
  readonly name: string;
  readonly text: string;
  readonly env: Texts;
}

/** What PHP did with one file. */
export interface Asked {
  /** The values of the settings that the file sets, by ini_get. PHP's default stands where it refused the value. */
  readonly set: Texts;
  /** The line at which PHP stopped reading, and its words. */
  readonly stopped?: { readonly line: number; readonly words: string };
  /** What PHP said at its start about the values of session settings. */
  readonly said: readonly string[];
}

/** What both sides did with a file. `here` has the faults, or nothing if each setting has PHP's meaning. */
export interface Entry {
  readonly php: Asked;
  readonly here: readonly string[];
}

/** record.json. */
export interface IniRecord {
  readonly version: string;
  readonly files: Record<string, Entry>;
}

export const INI_FILES: readonly IniFile[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ini'))
  .toSorted()
  .map((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const remarks = text.matchAll(/^; env: (\w+)=(.*)$/gm);
    const env = Object.fromEntries(Array.from(remarks, ([, name, value]) => [name!, value!]));
    return { name: file.slice(0, -'.ini'.length), text, env };
  });

const SECRETS = [`hex:${'11'.repeat(32)}`];

/** What the reader makes of a file or of PHP's values. */
interface ReadHere {
  readonly settings: PhpIni['settings'];
  readonly options: SessionCryptoOptions;
}

function read(source: string | object, env: Texts): ReadHere {
  const { settings } = readPhpIni(source, { env });
  return { settings, options: fromPhpIni(source, { env, secrets: SECRETS }) };
}

/** Reads a file here. Returns its faults, each with its line, and then those of the options, which have none. */
export function readHere({ text, env }: IniFile): { read?: ReadHere; faults: readonly string[] } {
  try {
    const done = read(text, env);
    resolveOptions(done.options);
    return { read: done, faults: [] };
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return {
      faults: error.faults.map(({ path, message }) => `${path.replace(/^php\.ini /, '')}: ${message}`),
    };
  }
}

const STOPS = 'so PHP stops reading there';

/** Returns how the reader differs from PHP: nothing if the file has the meaning of PHP's values, or if each fault has its line
 *  and the first one of those that stop PHP is at PHP's line. */
export function differencesFrom(php: Asked, file: IniFile): string[] {
  const { read: here, faults } = readHere(file);
  const lines = file.text.split(/\r\n|\r|\n/).length;
  const places = faults.map((fault) => Number(/^line (\d+): /.exec(fault)?.[1]));
  const stop = places[faults.findIndex((fault) => fault.includes(STOPS))];
  const wrong = faults.filter((_, i) => !(places[i]! >= 1 && places[i]! <= lines));
  const found = wrong.map((fault) => `has no line: ${fault}`);
  if (!isAtStop(stop, php.stopped))
    found.push(`PHP stops at line ${php.stopped?.line}, but the reader names ${stop}`);
  if (here) found.push(...differentMeaning(here, php));
  return found;
}

/** Reports whether the reader names the line at which PHP stops. PHP has counted a line end that it did not expect, and names the
 *  last line where a text in quotes has no end. The reader names the line of the directive. */
function isAtStop(line: number | undefined, stopped: Asked['stopped']): boolean {
  if (!stopped || line === undefined) return !stopped && line === undefined;
  if (stopped.words.includes('unexpected END_OF_LINE')) return line === stopped.line - 1;
  if (stopped.words.includes('unexpected end of file')) return line <= stopped.line;
  return line === stopped.line;
}

/** Compares each setting, and the options, with what the reader makes of the values that PHP reports. */
function differentMeaning(here: ReadHere, php: Asked): string[] {
  const there = read(php.set, {});
  const found = php.said.map((words) => `PHP says: ${words}`);
  for (const [name, { value, given }] of Object.entries(here.settings)) {
    const other = there.settings[name as keyof typeof there.settings];
    const [ours, theirs] = [
      { given, value },
      { given: other.given, value: other.value },
    ].map((one) => JSON.stringify(one));
    if (ours !== theirs) found.push(`${name}: ${ours} here, ${theirs} in PHP`);
  }
  const [ours, theirs] = [here, there].map(({ options }) => optionText(options));
  if (ours !== theirs) found.push(`options: ${ours} here, ${theirs} with PHP's values`);
  return found;
}

/** The options as text. `httpOnly: false` is left out: PHP reports an empty text for the word Off too, which is not carried over. */
function optionText({ store, cookie, ...options }: SessionCryptoOptions): string {
  const { httpOnly, ...others } = cookie ?? {};
  return JSON.stringify({
    ...options,
    cookie: { ...others, ...(httpOnly && { httpOnly }) },
    store: store && store.constructor.name,
  });
}

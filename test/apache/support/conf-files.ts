import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The configurations of test/vectors/apache/conf, and the files that they include. */
export const FOLDER = fileURLToPath(new URL('../../vectors/apache/conf/', import.meta.url));
/** What httpd did with each of them. */
export const RECORD = join(FOLDER, 'record.json');

/** One request that both sides get. */
export interface Visit {
  readonly host: string;
  /** A folder of URLs without a slash at its end; empty for the root. */
  readonly path: string;
  /** The path of a login form, if a user logs in first. */
  readonly login: string | undefined;
}

/** One configuration. Remarks in it say how it is tried: `# visit:`, `# modules:`, `# htaccess:`. */
export interface ConfFile {
  readonly name: string;
  readonly text: string;
  readonly modules: readonly string[];
  /** The URL path of the folder that the file lies in, for a `.htaccess` file. */
  readonly htaccess: string | undefined;
  readonly visits: readonly Visit[];
}

export const CONF_FILES: readonly ConfFile[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.conf'))
  .toSorted()
  .map((file) => confFile(file.slice(0, -'.conf'.length), readFileSync(join(FOLDER, file), 'utf8')));

function confFile(name: string, text: string): ConfFile {
  const remarks = (key: string) =>
    Array.from(text.matchAll(new RegExp(`^# ${key}: *(.*?)\r?$`, 'gm')), ([, value]) => value!);
  return {
    name,
    text,
    modules: remarks('modules').flatMap((names) => names.split(' ')),
    htaccess: remarks('htaccess')[0],
    visits: remarks('visit').map((one) => {
      const [host, path, login] = one.split(' ');
      return { host: host!, path: path === '/' ? '' : path!, login: login?.replace('login=', '') };
    }),
  };
}

/** The files beside a configuration: path below ServerRoot and text. */
export const OTHER_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(FOLDER, 'files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(join(FOLDER, 'files/').length), readFileSync(path, 'utf8')];
    }),
);

/** Reads an included file as httpd does: a pattern stands for all files that match it, in the order of their names. */
export function includeFrom(path: string): string | false | undefined {
  if (!path.endsWith('/*.conf')) return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const folder = path.slice(0, -'/*.conf'.length);
  if (!existsSync(folder)) return false;
  const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
  return names
    .toSorted()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

import { basename } from 'node:path';
import type { PhpSerializerName } from 'nestjs-session-crypto/php';
import { ageOf, filesIn, isFile, isFree, modesIn, namedFile } from './php-files.js';
import type { PhpVars } from './php-probe.js';
import type { PhpFunctions, PhpRequest } from './php-request.js';

type Arrow = (given: unknown) => Promise<unknown>;

/** Returns the folder for a text that stands for PHP's save path or a part of it. */
async function folderOf(request: PhpRequest, given: unknown): Promise<string> {
  await request.open();
  return String(given).replaceAll('{SAVE_PATH}', request.place.folder);
}

const handlerOf = (request: PhpRequest): PhpSerializerName =>
  (request.setting('session.serialize_handler') ?? 'php').toLowerCase() as PhpSerializerName;

const listOf = (items: readonly unknown[]): PhpVars => new Map(items.map((item, i) => [i, item]));
const itemsOf = (array: unknown): unknown[] => [...(array as PhpVars).values()];

/** The functions of PHP and of the cases that read files. */
export const FILE_FUNCTIONS: PhpFunctions = {
  async files([folder]) {
    return filesIn(await folderOf(this, folder), handlerOf(this));
  },
  async modes([folder]) {
    return modesIn(await folderOf(this, folder));
  },
  async age() {
    return ageOf(await folderOf(this, `{SAVE_PATH}/sess_${this.given}`));
  },
  async is_file([path]) {
    return isFile(await folderOf(this, path));
  },
  async fileinode([path]) {
    return (await isFile(await folderOf(this, path))) && 1;
  },
  async fopen([path]) {
    return namedFile(await folderOf(this, path));
  },
  flock: ([path]) => isFree(String(path)),
  async glob([pattern]) {
    const folder = await folderOf(this, String(pattern).replace(/\/[^/]*$/, ''));
    const wanted = new RegExp(`^${/[^/]*$/.exec(String(pattern))![0].replaceAll('*', '.*')}$`);
    const names = [...(await modesIn(folder)).keys()].filter((name) => wanted.test(name));
    return listOf(names.map((name) => `${folder}/${name}`));
  },
  explode([sign, text, most]) {
    const parts = String(text).split(String(sign));
    const limit = most === undefined ? parts.length : Number(most);
    const head = parts.slice(0, limit - 1);
    return listOf([...head, parts.slice(limit - 1).join(String(sign))].slice(0, limit));
  },
  basename: ([path]) => basename(String(path)),
  array_values: ([array]) => listOf(itemsOf(array)),
  array_map: ([, array]) => listOf(itemsOf(array).map((path) => basename(String(path)))),
  async array_filter([array, test]) {
    const kept: unknown[] = [];
    for (const item of itemsOf(array)) if (await (test as Arrow)(item)) kept.push(item);
    return listOf(kept);
  },
  umask: () => 0o022,
};

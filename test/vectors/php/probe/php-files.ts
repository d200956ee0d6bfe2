import { createHash } from 'node:crypto';
import { chmod, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { PHP_SERIALIZERS, type PhpSerializerName } from 'nestjs-session-crypto/php';
import { FileLock } from '../../../../lib/php/shared/file-lock.js';

/** The variables in a file besides PHP's: the sealed part, and the mark of a session without variables. */
const OURS = ['_nsc', 'begun'];
const PREFIX = 'sess_';
/** Names of files that the cases make are shorter than those of sessions. */
const SHORTEST = PREFIX.length + 22;

/** Returns the public id of a session in PHP's files: a digest, because the id itself is a credential. */
export const publicIdOf = (id: string): string =>
  createHash('sha256').update('php\0').update(id).digest('base64url');

/** Writes a session's file as PHP leaves it. `age` is the number of seconds since it was used. */
export function putFile(folder: string, id: string, text: string, age = 0, mode = 0o600): Promise<void> {
  return putAt(join(folder, PREFIX + id), text, age, mode);
}

export async function putAt(path: string, text: string, age: number, mode = 0o600): Promise<void> {
  await writeFile(path, text);
  await chmod(path, mode);
  const used = Date.now() / 1000 - age;
  await utimes(path, used, used);
}

/** Returns the paths of the files below a folder. */
async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => !one.isDirectory()).map((one) => join(one.parentPath, one.name));
}

/** Returns the names of files, with public ids in the place of ids, and the result of `tell` for each. */
async function mapOf(folder: string, tell: (path: string) => Promise<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of await pathsIn(folder)) {
    const name = basename(path);
    const shown = name.length >= SHORTEST ? PREFIX + publicIdOf(name.slice(PREFIX.length)) : name;
    found.set(join(relative(folder, path), '..', shown), await tell(path));
  }
  return found;
}

/** Returns PHP's variables in each file. */
export const filesIn = (folder: string, handler: PhpSerializerName): Promise<Map<string, string>> =>
  mapOf(folder, async (path) => textOf(await readFile(path), handler));

export const modesIn = (folder: string): Promise<Map<string, string>> =>
  mapOf(folder, async (path) => `0${((await stat(path)).mode & 0o7777).toString(8)}`);

function textOf(bytes: Buffer, handler: PhpSerializerName): string {
  const serializer = PHP_SERIALIZERS[handler];
  const session = serializer.decode(bytes);
  if (typeof session === 'string') return bytes.toString();
  for (const name of OURS) session.delete(name);
  return serializer.encode(session).toString();
}

/** Returns the path of a session's file by its id or its public id. */
export async function namedFile(path: string): Promise<string> {
  const wanted = basename(path).slice(PREFIX.length);
  const paths = await pathsIn(dirname(path));
  return paths.find((one) => publicIdOf(basename(one).slice(PREFIX.length)) === wanted) ?? path;
}

/** Returns the seconds since a file was used, rounded to 10 as in the cases. */
export async function ageOf(path: string): Promise<number> {
  return Math.round((Date.now() - (await stat(path)).mtimeMs) / 10_000) * 10;
}

export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );

/** Reports whether nobody else has locked a file. Unlocks it at once, so that the next one need not wait. */
export async function isFree(path: string): Promise<boolean> {
  const [lock, file] = [await FileLock.load('store'), await open(path, 'r').catch(() => undefined)];
  if (!file) return true;
  const free = lock.tryTake(file.fd, 'exclusive');
  await file.close();
  return free;
}

import { createHash } from 'node:crypto';
import { chmod, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { PHP_SERIALIZERS, type PhpSerializerName } from 'nestjs-session-crypto/php';
import { FileLock } from '../../../../lib/php/shared/file-lock.js';

/** What a file holds besides PHP's variables: our own part, and the mark of a session that has none. */
const OURS = ['_nsc', 'begun'];
const PREFIX = 'sess_';
/** Names of files that the cases make are shorter than those of sessions. */
const SHORTEST = PREFIX.length + 22;

/** The public id of a session in PHP's files: a digest, since the id itself is a credential. */
export const publicIdOf = (id: string): string =>
  createHash('sha256').update('php\0').update(id).digest('base64url');

/** Puts a session's file there as PHP leaves it. `age`: seconds since it was used. */
export function putFile(folder: string, id: string, text: string, age = 0, mode = 0o600): Promise<void> {
  return putAt(join(folder, PREFIX + id), text, age, mode);
}

export async function putAt(path: string, text: string, age: number, mode = 0o600): Promise<void> {
  await writeFile(path, text);
  await chmod(path, mode);
  const used = Date.now() / 1000 - age;
  await utimes(path, used, used);
}

/** Paths of files below a folder. */
async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => !one.isDirectory()).map((one) => join(one.parentPath, one.name));
}

/** Names of files, in which a session's own id is its public one, and what `tell` says of each. */
async function mapOf(folder: string, tell: (path: string) => Promise<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of await pathsIn(folder)) {
    const name = basename(path);
    const shown = name.length >= SHORTEST ? PREFIX + publicIdOf(name.slice(PREFIX.length)) : name;
    found.set(join(relative(folder, path), '..', shown), await tell(path));
  }
  return found;
}

/** PHP's variables in each file. */
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

/** The path of a session's file that may be named by the session's public id. */
export async function namedFile(path: string): Promise<string> {
  const wanted = basename(path).slice(PREFIX.length);
  const paths = await pathsIn(dirname(path));
  return paths.find((one) => publicIdOf(basename(one).slice(PREFIX.length)) === wanted) ?? path;
}

/** Seconds since a file was used, rounded to 10 as in the cases. */
export async function ageOf(path: string): Promise<number> {
  return Math.round((Date.now() - (await stat(path)).mtimeMs) / 10_000) * 10;
}

export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );

/** Whether nobody else holds a file; it is let go at once, or whoever comes next would wait. */
export async function isFree(path: string): Promise<boolean> {
  const [lock, file] = [await FileLock.load('store'), await open(path, 'r').catch(() => undefined)];
  if (!file) return true;
  const free = lock.tryTake(file.fd, 'exclusive');
  await file.close();
  return free;
}

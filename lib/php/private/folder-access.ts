import { readdirSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';

/** The bits of a mode with which the group or other users can list a folder, or add to it. */
const READ = 0o044;
const WRITE = 0o022;
/** In a sticky folder only the owner of a file can rename or remove it. */
const STICKY = 0o1000;
/** The folder that messages propose. */
const OWN_FOLDER = '/var/lib/app-sessions';
/** The names in a folder of sessions: those of this store, and those of PHP. */
const OF_SESSIONS =
  /^(?:[0-9a-f]{2}|[0-9a-f]{64}(?:\..+)?|by-subject|session-crypto-\d+|[0-9a-f]{32}\.try2?|sess_.+|[A-Za-z0-9,-])$/;
/** Folders that all users of a machine share. */
const FOR_EVERYBODY = new Set(['/tmp', '/var/tmp', '/usr/tmp', '/dev/shm', '/run/shm']);

/** What is wrong with a folder, and the change that mends it. */
export interface FolderFault {
  readonly fault: string;
  readonly remedy: string;
}

/** Reports whether other users can add files. */
export const isShared = ({ mode }: Stats): boolean => (mode & WRITE) !== 0;

/** Returns why this is no folder; `undefined` if it is one. The owner of a symbolic link could lead it elsewhere later. */
export function kindFault(path: string, stats: Stats): FolderFault | undefined {
  if (stats.isSymbolicLink())
    return { fault: `${path} is a symbolic link`, remedy: 'write the path of the folder itself' };
  if (stats.isDirectory()) return undefined;
  return {
    fault: `${path} is not a folder`,
    remedy: 'write the path of a folder that holds nothing but sessions',
  };
}

/** Returns what other users can do with a folder although they must not, and how the user `uid` mends it; `undefined` if
 *  all is well. */
export function accessFault(path: string, stats: Stats, uid: number): FolderFault | undefined {
  const fault = faultOf(path, stats, uid);
  if (fault === undefined) return undefined;
  return {
    fault,
    remedy: isForSessions(path, stats, uid) ? `run: chmod 700 ${quoted(path)}` : ownFolder(uid),
  };
}

function faultOf(path: string, { uid: owner, mode }: Stats, uid: number): string | undefined {
  if (owner !== uid && owner !== 0) return `${path} belongs to another user`;
  if (mode & READ) return `other users can read ${path}`;
  return mode & WRITE && !(mode & STICKY) ? `other users can write to ${path}` : undefined;
}

/** Reports whether nothing but sessions of this user is in a folder, so that chmod takes nothing from anybody else. All users
 *  share a sticky folder. */
function isForSessions(path: string, { uid: owner, mode }: Stats, uid: number): boolean {
  if (owner !== uid || mode & STICKY || isForEverybody(path)) return false;
  try {
    return readdirSync(path).every((name) => OF_SESSIONS.test(name));
  } catch {
    return false;
  }
}

/** Reports whether a path is the name of a folder that all users of a machine share. */
export const isForEverybody = (path: string): boolean => FOR_EVERYBODY.has(resolve(path));

/** The remedy for a folder that other people or programs use too: its owner and mode must stay. */
export const ownFolder = (uid: number): string =>
  `give sessions a folder of their own instead: run as root: install -d -m 700 -o ${uid} ${OWN_FOLDER}, and write ` +
  `store.path: '${OWN_FOLDER}'; a PHP that shares the sessions needs it as its session.save_path too`;

/** Returns a path in quotes for a shell. */
export const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;

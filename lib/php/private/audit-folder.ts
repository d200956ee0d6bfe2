import { lstatSync, type Stats } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import { accessFault, isForEverybody, kindFault, ownFolder, type FolderFault } from './folder-access.js';

/** Returns the audit's finding about the folder of sessions. A folder that this machine does not have is judged by its path. */
export function auditFolder(path: unknown): readonly AuditFinding[] {
  if (typeof path !== 'string' || !isAbsolute(path) || path.includes('\0')) return []; // the start refuses it
  const found = faultOf(path);
  const finding = {
    code: 'open-session-folder',
    path: 'store.path',
    recommended: 'a folder that only the user of the application can use',
    message:
      'another user who can list the folder, or replace what is in it, can copy, hide or remove sessions, and a cleaner of temporary files removes them too',
    source: 'PHP session.save_path, PHP session.security (folder), ASVS 14.2.4',
  };
  if (!found)
    return [
      { ...finding, level: 'ok', value: 'its owner only', remedy: 'nothing to do: keep owner and mode' },
    ];
  return [{ ...finding, level: 'danger', value: found.fault, remedy: found.remedy }];
}

function faultOf(path: string): FolderFault | undefined {
  const stats = statsOf(path);
  const uid = userOf(stats);
  if (stats) return kindFault(path, stats) ?? accessFault(path, stats, uid);
  if (!isForEverybody(path)) return undefined;
  return { fault: `all users of a machine share ${path}`, remedy: ownFolder(uid) };
}

/** Returns the user of the application. If root runs the audit, this is taken to be the owner of the folder. */
function userOf(stats: Stats | undefined): number {
  const uid = process.geteuid?.() ?? 0;
  return uid || (stats?.uid ?? 0);
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

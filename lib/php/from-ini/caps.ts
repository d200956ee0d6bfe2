import type { PruneOptions } from '../../options/cache-options.interface.js';
import { LONGEST_CACHE, MOST_RESPONSES, TEN_YEARS } from '../../options/limits.js';
import type { SavePath } from '../ini/setting-values.interface.js';
import { withoutOthers } from '../private/file-mode.js';
import { MAX_DEPTH } from '../sealed/file-store-options.js';
import type { AddFinding, GivenSettings } from './given-settings.js';

// PHP accepts values for which this package has no option. Each function returns what is used instead; addCaps says so.

/** Returns the idle timeout in seconds. */
export const idleTimeoutOf = (given: GivenSettings) => capped(given.get('session.gc_maxlifetime'), TEN_YEARS);

/** Returns the minutes that a cache may keep a page. */
export const expireOf = (given: GivenSettings) => capped(given.get('session.cache_expire'), LONGEST_CACHE);

const capped = (value: number | undefined, most: number) =>
  value === undefined ? undefined : Math.min(value, most);

/** Returns the share of responses that prune. Numbers that are too large are made smaller by one factor, so that the share stays. */
export function pruneShareOf(given: GivenSettings): PruneOptions {
  const probability = given.get('session.gc_probability');
  const divisor = given.get('session.gc_divisor');
  const factor = Math.max(1, (probability ?? 0) / MOST_RESPONSES, (divisor ?? 0) / MOST_RESPONSES);
  const scaled = (value: number) => value && Math.max(1, Math.round(value / factor));
  return {
    ...(probability !== undefined && { probability: scaled(probability) }),
    ...(divisor !== undefined && { divisor: scaled(divisor) }),
  };
}

/** Returns the folder for sessions, if the source sets one. PHP works with the same user, so it can use files with fewer rights, too. */
export function folderOf(given: GivenSettings): SavePath | undefined {
  const savePath = given.get('session.save_path');
  if (!savePath?.path) return undefined;
  const { path, depth, mode } = savePath;
  return { path, depth: given.shared ? depth : Math.min(depth, MAX_DEPTH), mode: withoutOthers(mode) };
}

/** Adds a finding for each value that is not used as it is. */
export function addCaps(given: GivenSettings, add: AddFinding): void {
  const idle = given.get('session.gc_maxlifetime');
  if (idle !== idleTimeoutOf(given))
    add(
      'session.gc_maxlifetime',
      `is ${idle}; the longest idle timeout here is ${TEN_YEARS} seconds (ten years), which is used`,
    );
  const expire = given.get('session.cache_expire');
  if (expire !== expireOf(given))
    add(
      'session.cache_expire',
      `is ${expire}; the longest time here is ${LONGEST_CACHE} minutes (ten years), which is used`,
    );
  addShare(given, add);
  addFolder(given, add);
}

function addShare(given: GivenSettings, add: AddFinding): void {
  const used = pruneShareOf(given);
  for (const [name, value] of [
    ['session.gc_probability', used.probability],
    ['session.gc_divisor', used.divisor],
  ] as const)
    if (value !== given.get(name))
      add(name, `is ${given.get(name)}; the largest number here is ${MOST_RESPONSES}, so ${value} is used`);
}

function addFolder(given: GivenSettings, add: AddFinding): void {
  const folder = folderOf(given);
  if (!folder) return;
  const { depth, mode } = given.get('session.save_path')!;
  if (depth !== folder.depth)
    add(
      'session.save_path',
      `has a depth of ${depth}; sealed files have at most ${MAX_DEPTH} levels of folders, which are used`,
    );
  if (mode !== folder.mode)
    add(
      'session.save_path',
      `has a mode with more rights than files have here; 0${folder.mode.toString(8)} is used, with which other users have no access`,
    );
}

import type { Diagnostics, Place } from '../ini/diagnostics.js';
import type { SettingName } from '../ini/settings-table.js';
import { LONGEST_ID } from '../shared/session-id.js';
import { MAX_SHARED_DEPTH } from '../shared/shared-options.js';
import type { GivenSettings } from './given-settings.js';

/** Adds a fault for each setting that is switched on and that this package cannot follow. Without the error an application
 *  would start and lack what its php.ini asks for. */
export function refuseUnsupported(
  given: GivenSettings,
  places: ReadonlyMap<string, Place>,
  diagnostics: Diagnostics,
): void {
  const refuse = (name: SettingName, why: string) =>
    diagnostics.addFault(places.get(name) ?? { at: name, order: Infinity }, `${name} ${why}`);
  if (given.usesRedis && !given.redis)
    refuse(
      'session.save_handler',
      given.shared
        ? 'is redis, and sharedUnsealed needs a client for it; pass redisClient, a connected client of the package redis or ioredis for the server in session.save_path'
        : 'is redis, whose sessions PHP does not seal; pass sharedUnsealed: true and redisClient to share them, or remove the line and set store: redisStore({ client })',
    );
  if (given.shared) refuseUnshareable(given, refuse);
  if (given.redis || !lacksFolder(given, places)) return;
  if (given.get('session.use_only_cookies') === false)
    refuse(
      'session.use_only_cookies',
      'is off, which needs sessions on the server; write session.save_path, or remove the line',
    );
  if (given.shared && !given.usesRedis)
    refuse(
      'session.save_path',
      "is not set, but sharedUnsealed needs the folder that PHP uses; write session.save_path (on Debian /var/lib/php/sessions), or pass ini_get_all's JSON",
    );
}

/** Refuses ids and folders that PHP can make and this package cannot share. A value that could not be read is `undefined`. */
function refuseUnshareable(given: GivenSettings, refuse: (name: SettingName, why: string) => void): void {
  const length = given.get('session.sid_length') ?? 0;
  if (length > LONGEST_ID)
    refuse(
      'session.sid_length',
      `is ${length}, and ids of more than ${LONGEST_ID} characters cannot be shared; write session.sid_length = 48`,
    );
  const depth = given.get('session.save_path')?.depth ?? 0;
  if (depth > MAX_SHARED_DEPTH)
    refuse(
      'session.save_path',
      `has a depth of ${depth}, and at most ${MAX_SHARED_DEPTH} levels of folders can be shared; write a smaller number before the first semicolon`,
    );
}

/** False also where the folder has a fault of its own: whoever repairs that has a folder. */
function lacksFolder(given: GivenSettings, places: ReadonlyMap<string, Place>): boolean {
  const isWrong = places.has('session.save_path') && !given.get('session.save_path');
  return !given.hasFolder && !(isWrong && given.getOrDefault('session.save_handler') === 'files');
}

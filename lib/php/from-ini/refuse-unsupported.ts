import { SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { messageAt } from '../ini/diagnostics.js';
import type { SettingName } from '../ini/settings-table.js';
import type { GivenSettings } from './given-settings.js';

/** Throws a SessionConfigError for each setting that is switched on and that this package cannot follow. Without the
 *  error an application would start and lack what its php.ini asks for. */
export function refuseUnsupported(given: GivenSettings): void {
  const faults: ConfigFault[] = [];
  const refuse = (name: SettingName, why: string) => {
    const path = given.placeOf(name);
    faults.push({ path, message: messageAt(path, `${name} ${why}`) });
  };
  if (given.get('session.save_handler') === 'redis')
    refuse(
      'session.save_handler',
      'is redis, which is not offered yet; remove the line and set the option store',
    );
  if (given.get('session.use_only_cookies') === false && !given.hasFolder)
    refuse(
      'session.use_only_cookies',
      'is off, which needs sessions on the server; write session.save_path, or remove the line',
    );
  if (given.shared && !given.hasFolder)
    refuse(
      'session.save_path',
      "is not set, but sharedUnsealed needs the folder that PHP uses; write session.save_path (on Debian /var/lib/php/sessions), or pass ini_get_all's JSON",
    );
  if (faults.length) throw new SessionConfigError(faults);
}

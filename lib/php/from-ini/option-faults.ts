import type { SessionCryptoOptions } from '../../options/options.interface.js';
import { faultsOf, sourcesOf, type OptionSources } from '../../options/option-faults.js';
import type { Diagnostics, Place } from '../ini/diagnostics.js';
import type { SettingName } from '../ini/settings-table.js';

/** The settings that make an option, by the beginning of the option's path. The first that the source sets counts. */
const SOURCES: OptionSources<SettingName> = [
  ['cookie.name', ['session.name']],
  ['cookie.lifetime', ['session.cookie_lifetime']],
  ['cookie.path', ['session.cookie_path']],
  ['cookie.domain', ['session.cookie_domain']],
  ['cookie.secure', ['session.cookie_secure']],
  ['cookie.httpOnly', ['session.cookie_httponly']],
  ['cookie.sameSite', ['session.cookie_samesite']],
  ['cookie.partitioned', ['session.cookie_partitioned']],
  ['id.parameter', ['session.name']],
  ['id.length', ['session.sid_length', 'session.sid_bits_per_character']],
  ['id.bitsPerCharacter', ['session.sid_bits_per_character']],
  ['id.sources', ['session.use_only_cookies', 'session.use_cookies']],
  ['id.transSid.tags', ['session.trans_sid_tags']],
  ['id.transSid.hosts', ['session.trans_sid_hosts']],
  ['id.transSid', ['session.use_trans_sid']],
  ['id.refererCheck', ['session.referer_check']],
  ['session.touchInterval', ['session.gc_maxlifetime', 'session.cookie_lifetime']],
  ['session.idleTimeout', ['session.gc_maxlifetime']],
  ['session.load', ['session.auto_start']],
  ['cache.limiter', ['session.cache_limiter']],
  ['cache.expire', ['session.cache_expire']],
  ['prune.probability', ['session.gc_probability']],
  ['prune.divisor', ['session.gc_divisor']],
  ['store.sharedUnsealed.serializer', ['session.serialize_handler']],
  ['store.client', []],
  ['store', ['session.save_path', 'session.save_handler']],
];

/** Adds each fault that the start would find in the options, at the setting that makes the option. A fault of an option that no
 *  setting makes is left to the start, because the caller may still set that option. */
export function addOptionFaults(
  options: SessionCryptoOptions,
  places: ReadonlyMap<string, Place>,
  diagnostics: Diagnostics,
): void {
  for (const { path, message } of faultsOf(options)) {
    const name = sourcesOf(path, SOURCES).find((one) => places.has(one));
    const place = name && places.get(name);
    if (place && !diagnostics.hasFaultAt(place))
      diagnostics.addFault(place, `${name} makes the option ${path}, which ${message}`);
  }
}

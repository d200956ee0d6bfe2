import type { EffectiveConfig } from '../directives/model.interface.js';
import { isByUser, usesDbd } from '../directives/store-kind.js';

// A context that needs the same format or store as the server shares it, so that keys are loaded once.

/** True if two places can share one format: the same passphrases and the same options of `apache()`. */
export function isSameFormat(a: EffectiveConfig, b: EffectiveConfig): boolean {
  return hasSamePassphrases(a, b) && formatOptions(a) === formatOptions(b);
}

/** Returns the options of `apache()` other than the passphrases, as text to compare. */
function formatOptions(config: EffectiveConfig): string {
  const { cipher, header, env, cookieRemove, dbdCookieRemove, authName, authType } = config;
  const removesCookie = usesDbd(config) ? dbdCookieRemove : cookieRemove;
  return JSON.stringify([cipher, header, env, removesCookie, authName, authType]);
}

/** Compares by identity: places that inherit the same line have the same source. */
const hasSamePassphrases = (a: EffectiveConfig, b: EffectiveConfig): boolean =>
  a.passphrases.length === b.passphrases.length && a.passphrases.every((one, i) => one === b.passphrases[i]);

/** True if two places can share one store. */
export function isSameStore(a: EffectiveConfig, b: EffectiveConfig): boolean {
  return usesDbd(a) === usesDbd(b) && (!usesDbd(a) || storeOptions(a) === storeOptions(b));
}

/** Returns the settings on which the choice of a table depends, as text to compare. */
function storeOptions(config: EffectiveConfig): string {
  const { selectLabel, insertLabel, updateLabel, deleteLabel } = config;
  return JSON.stringify([selectLabel, insertLabel, updateLabel, deleteLabel, isByUser(config)]);
}

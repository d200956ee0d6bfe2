import type { Diagnostics } from './diagnostics.js';
import { hostNamesOf } from './host-names.js';
import type { DirectiveContext, DirectiveModel, EffectiveConfig } from './model.interface.js';
import type { Server } from './servers.js';
import { usesCookieStore, usesDbd } from './store-kind.js';

type Places = Pick<DirectiveModel, 'server' | 'contexts'>;

/** Switches sessions off for hosts that no `<VirtualHost>` names, where only the virtual hosts have the passphrase or the
 *  store. httpd accepts that, since it seldom serves such a host from the main server. A virtual host without settings of its
 *  own is served so too, and then nothing is changed here: checkConfig() finds the fault. */
export function switchOffUnnamed(places: Places, hosts: readonly Server[], diagnostics: Diagnostics): Places {
  if (!areHostsWhole(places, hosts)) return places;
  const off = (config: EffectiveConfig): EffectiveConfig => {
    if (!config.enabled || isWhole(config)) return config;
    diagnostics.addFinding(config.lines.enabled!, UNNAMED);
    return Object.freeze({ ...config, enabled: false });
  };
  const contexts = places.contexts.map((one: DirectiveContext) =>
    one.hosts.length ? one : Object.freeze({ ...one, config: off(one.config) }),
  );
  return { server: off(places.server), contexts };
}

const UNNAMED =
  'Session is On outside of <VirtualHost> without a passphrase or a store, so here a host that no <VirtualHost> names has no sessions; httpd would send them unencrypted or lose them; move Session On into the virtual hosts';

/** True if each name of a virtual host has a place of its own, and one of these has sessions. */
function areHostsWhole({ contexts }: Places, hosts: readonly Server[]): boolean {
  const placed = new Set(contexts.flatMap((one) => one.hosts));
  const names = hosts.flatMap(({ section }) => [...hostNamesOf(section).keys()]);
  return (
    names.every((name) => placed.has(name)) &&
    contexts.some(({ hosts: named, config }) => named.length > 0 && config.enabled && isWhole(config))
  );
}

const isWhole = (config: EffectiveConfig): boolean =>
  config.lines.passphrases !== undefined && (usesCookieStore(config) || usesDbd(config));

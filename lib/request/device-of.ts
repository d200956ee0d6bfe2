import { factsOf, type PlatformRequest } from '../http/connection.js';
import { networkOf } from '../http/network.js';
import { userAgentOf } from '../http/user-agent.js';
import type { SessionProfile } from '../manager/session-profile.js';
import type { Device } from '../record/device.js';

/** Returns what a request comes from; `undefined` where no list of sessions shows it. */
export function deviceOf(profile: SessionProfile, request: PlatformRequest): Device | undefined {
  if (!profile.store.rows?.list) return undefined;
  const address = factsOf(request).ip ?? request.socket.remoteAddress;
  const network = profile.options.keepNetwork ? networkOf(address) : undefined;
  return { ...userAgentOf(request.headers['user-agent']), network };
}

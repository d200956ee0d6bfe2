import type { KeyRing } from '../../crypto/key-ring.js';
import { hintText } from '../../crypto/key-hint.js';
import { secondOf } from '../times.js';
import type { Header } from './cookie-shape.js';
import type { ExplainedKey } from './explanation.interface.js';
import { unique, type Place } from './places.js';

/** Returns the rings of all options, each once. */
export const ringsOf = (places: readonly Place[]): KeyRing[] =>
  unique(places.flatMap(({ profile }) => profile.crypto.native?.keys.ring ?? []));

/** Returns what is known of the key with a hint. */
export function keyFacts(hint: string, places: readonly Place[]): ExplainedKey {
  for (const { keys } of ringsOf(places)) {
    const key = keys.find((one) => hintText(one.hint) === hint);
    if (!key) continue;
    const state = key.retiring ? 'retiring' : undefined;
    return { hint, place: key.index + 1, of: keys.length, seals: key.index === 0, state };
  }
  return { hint };
}

/** Returns why there is no key with the hint of a value, and what to do. */
export async function whyUnknownKey(
  { hint }: Header,
  places: readonly Place[],
): Promise<{ why: string; remedy: string; state?: string }> {
  const dropped = await managedKey(hint, places);
  if (dropped)
    return {
      why: `the key ${hint} of the managed ring is ${dropped.state} since ${secondOf(dropped.since)}`,
      remedy: dropped.state === 'revoked' ? 'log in again' : 'read the keys again, or restart this server',
      state: dropped.state,
    };
  const there = ringsOf(places).flatMap(({ keys }) => keys.map((key) => hintText(key.hint)));
  return {
    why: `the key ${hint} that has sealed it is not in the ring, which has ${unique(there).join(', ') || 'no key'}`,
    remedy:
      'if the key was dropped too early, put its secret back at the end of crypto.secrets until its sessions have ended; if not, another ' +
      'application or a server with other secrets has set the cookie (compare them with "session-crypto keys check --with FILE")',
  };
}

/** Asks the rows of a managed ring, which name revoked keys too. */
async function managedKey(hint: string, places: readonly Place[]) {
  for (const managed of unique(places.flatMap(({ profile }) => profile.crypto.native?.managed ?? []))) {
    const { rows } = await managed.load();
    const row = rows.find((one) => hintText(one.hint) === hint);
    if (row) return { state: row.state, since: row.retiresAt ?? row.createdAt };
  }
  return undefined;
}

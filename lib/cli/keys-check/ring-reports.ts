import type { SessionManager } from '../../manager/session-manager.js';
import { hintText } from '../../crypto/key-hint.js';
import type { KeyReport, RingReport } from './keys-report.interface.js';

/** Returns the rings of an application, each once. A ring of a foreign format has keys without hints, and is left out. */
export function ringReports({ profiles }: SessionManager): RingReport[] {
  const seen = new Set<unknown>();
  return profiles.flatMap(({ crypto, options }, i) => {
    const { native } = crypto;
    if (!native || seen.has(crypto)) return [];
    seen.add(crypto);
    const path = i ? `contexts[${i - 1}].crypto` : 'crypto';
    const { ring, managed } = options.crypto;
    return [
      { path, ring, managed: managed !== undefined, sources: [], keys: native.keys.ring.keys.map(keyOf) },
    ];
  });
}

function keyOf({ hint, index, retiring }: { hint: number; index: number; retiring: boolean }): KeyReport {
  return {
    hint: hintText(hint),
    place: index + 1,
    seals: index === 0,
    ...(retiring && { state: 'retiring' }),
  };
}

import { hintText } from '../crypto/key-hint.js';
import type { RingKey } from '../crypto/key-ring.js';
import { keysNow } from '../manager/keys-now.js';
import type { SessionManager } from '../manager/session-manager.js';

/** One key of a ring that this process holds. */
export interface RingKeyFacts {
  readonly hint: string;
  /** `seals`: the first key. `opens`: any other. `retiring`: the operator has marked it so. */
  readonly state: 'seals' | 'opens' | 'retiring';
}

const ORDER = ['seals', 'opens', 'retiring'];

/** Returns the keys of all contexts, each once, the sealing ones first. Empty where another format replaces the native one, and
 *  while a managed ring has no key. */
export function ringFacts({ profiles }: SessionManager): RingKeyFacts[] {
  const rings = new Set(profiles.flatMap(({ crypto }) => crypto.native?.keys ?? []));
  const facts = [...rings].flatMap((one) => keysNow(one).map(factsOf));
  const ordered = facts.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return ordered.filter(({ hint }, i) => ordered.findIndex((one) => one.hint === hint) === i);
}

function factsOf({ hint, index, retiring }: RingKey): RingKeyFacts {
  const state = index ? 'opens' : 'seals';
  return { hint: hintText(hint), state: retiring ? 'retiring' : state };
}

/** Returns the keys of a ring as it is now, the sealing one first; none before the rows of a managed ring were read, and while all of its
 *  keys are revoked. It is for reports: whoever seals or opens too early gets the error of `ring`. */
export function keysNow<K>(holder: { readonly ring: { readonly keys: readonly K[] } }): readonly K[] {
  try {
    return holder.ring.keys;
  } catch {
    return [];
  }
}

import { HiddenKey } from './hidden-key.js';
import type { FoundKey } from './token-keys.js';

/** The handle of a subkey that the token derives from a key that it keeps. The handle holds no bytes; it says how the token
 *  can derive them. */
export class DataKey extends HiddenKey {
  constructor(
    readonly parent: FoundKey,
    readonly info: Uint8Array,
    readonly length: number,
  ) {
    super();
  }
}

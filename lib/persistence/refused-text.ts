import type { RejectReason } from '../errors/envelope.error.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionLookup } from './session-repository.interface.js';

/** Returns the lookup of a cookie's text that does not open: it is no session of ours, so the browser should forget it. It is left
 *  alone if it was ours and has expired. It is left alone, too, while there is no key at all: nobody can say then whose it is,
 *  and another process may open it. */
export function refusedText(
  opener: Pick<RecordCodec, 'hasKeys' | 'hintOf'>,
  text: string,
  reason: RejectReason,
): SessionLookup {
  const hint = opener.hintOf?.(text, reason);
  const isUnjudged = reason === 'unknown-key' && opener.hasKeys === false;
  return {
    kind: 'none',
    reason,
    ours: reason === 'expired' || isUnjudged,
    ...(hint !== undefined && { hint }),
  };
}

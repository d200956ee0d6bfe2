import { UsageError } from '../usage.error.js';

/** Returns an id, if it has the form of one. A token is no id, and is not repeated in the message. */
export function idOf(text: string): string {
  if (/^[\w-]{16,64}$/.test(text)) return text;
  throw new UsageError(
    'the session needs its id, as session-crypto sessions list shows it: 43 letters in most stores',
  );
}

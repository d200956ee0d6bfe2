import { UsageError } from '../usage.error.js';

/** An id of a row or of a session in a cookie that begins with a hyphen, as one in 64 does. */
const WITH_HYPHEN = /^-(?:[\w-]{21}|[\w-]{42})$/;
/** Options of the commands that take an id, each with a value. */
const TAKES_VALUE = /^--(?:config|module|session|subject)$/;

/** Puts an id that begins with a hyphen behind `--`, so that the command line does not take it for an option. */
export function withIdLast(args: readonly string[]): readonly string[] {
  const [group, name = ''] = args;
  if (group !== 'sessions' || !['show', 'revoke'].includes(name) || args.includes('--')) return args;
  const at = args.findIndex((one, i) => WITH_HYPHEN.test(one) && !TAKES_VALUE.test(args[i - 1]!));
  return at < 0 ? args : [...args.toSpliced(at, 1), '--', args[at]!];
}

/** Returns an id, if it has the form of one. A token is no id, and is not repeated in the message. */
export function idOf(text: string): string {
  if (/^[\w-]{16,64}$/.test(text)) return text;
  throw new UsageError(
    'the session needs its id, as session-crypto sessions list shows it: 43 letters in most stores',
  );
}

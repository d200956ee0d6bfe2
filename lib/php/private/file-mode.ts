/** What the owner and the group may do with a file at most. */
const ALLOWED = 0o660;

/** Returns a mode without what no file here may have: access for other users, and rights to execute. */
export const withoutOthers = (mode: number): number => mode & ALLOWED;

/** Returns why files may not have a mode, or `undefined` if they may: the owner can read and write, the group can do
 *  either or both, and other users can do nothing. */
export function modeFault(mode: unknown): string | undefined {
  const bits = mode as number;
  if (Number.isInteger(mode) && (bits & 0o600) === 0o600 && (bits & ~ALLOWED) === 0) return undefined;
  return 'is no mode that keeps other users out; allowed: 0o600, 0o620, 0o640, 0o660; write 0o600';
}

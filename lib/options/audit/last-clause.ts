/** Returns the end of a message that says how to fix it: the part after the last semicolon and blank. `undefined` without
 *  one. */
export function lastClause(message: string): string | undefined {
  const at = message.lastIndexOf('; ');
  return at < 0 ? undefined : message.slice(at + 2);
}

/** The verbs with which the remedies in messages begin. */
const REMEDY =
  /^(?:add|call|choose|create|give|install|make|move|name|pass|put|raise|read|remove|run|set|start|upgrade|use|write) /;

/** Returns the end of a message that says how to fix it: the part after the last semicolon. `undefined` if that part tells
 *  nobody to do anything. */
export function lastClause(message: string): string | undefined {
  const at = message.lastIndexOf('; ');
  const clause = message.slice(at + 2);
  return at >= 0 && REMEDY.test(clause) ? clause : undefined;
}

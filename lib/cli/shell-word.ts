/** Returns a text in quotes for a shell of Unix. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Characters that nobody sees, and that a terminal, a log or a page could take for more than a text: controls, line breaks of all
 *  kinds, marks that turn the direction of writing, and what is no character. */
export const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Replaces unseen characters by `?`: a site, a file, a stored session or a message of the application could hold them. */
export const printable = (line: string): string => line.replaceAll(UNSEEN, '?');

import { printable } from '../printable.js';

/** Returns a text that strangers may have written so that a terminal can show it, and no longer than `limit`. */
export const cleanText = (text: string, limit = 200): string =>
  printable(text.length > limit ? `${text.slice(0, limit)}…` : text);

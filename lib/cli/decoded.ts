/** Returns the percent-decoded text, or the text itself if an escape is not valid. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

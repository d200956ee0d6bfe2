/** Encodings of databases that can store every letter. */
const COMPLETE = new Set(['UTF8', 'SQL_ASCII']);

/** What cannot be stored as it is in some encoding, and the sign that marks it. */
const FOREIGN = /[^ -$&-~]/gu;

/** How subjects are stored in a column of text. A database whose encoding lacks letters, such as LATIN1, gets all letters
 *  outside of ASCII as in a URL, so that every subject can log in everywhere. The sealed session has the subject itself. */
export class SubjectColumn {
  private readonly complete: boolean;

  /** `encoding` is the server's, such as `UTF8`. */
  constructor(encoding = 'UTF8') {
    this.complete = COMPLETE.has(encoding);
  }

  write(subject: string | undefined): string | null {
    if (subject === undefined) return null;
    return this.complete ? subject : subject.replace(FOREIGN, encodeURIComponent);
  }

  read(column: string | null): string | undefined {
    if (column === null) return undefined;
    return this.complete ? column : decoded(column);
  }
}

/** A column that somebody else has written may be malformed, and is then returned as it is. */
function decoded(column: string): string {
  try {
    return decodeURIComponent(column);
  } catch {
    return column;
  }
}

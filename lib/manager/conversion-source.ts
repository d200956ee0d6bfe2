/** Where sessions are converted from: what the operator reads, and which database it is in. */
export class ConversionSource {
  /** What is sealed with each converted session. A NUL can be in no part. */
  readonly text: string;

  constructor(
    /** The package and the table or the prefix. */
    private readonly name: string,
    /** What tells the database from others that have a table or a prefix of this name. */
    database: string,
    /** The run of the server in which its places count; empty where they always do. */
    private readonly serverRun = '',
  ) {
    this.text = name + NUL + database;
  }

  /** True if a session came from here, or from a table or a prefix of this name in another database. */
  isNameOf(text: string): boolean {
    return text.split(NUL, 1)[0] === this.name;
  }

  /** True if a session came from a table or a prefix of this name in another database. */
  isElsewhere(text: string): boolean {
    return this.isNameOf(text) && text !== this.text;
  }

  /** Binds a place to this source, and to the run of its server. */
  bind(place: string): string {
    return [this.text, this.serverRun, place].join(NUL);
  }

  /** Returns the place that was bound; `undefined` for one of another source. */
  placeIn(bound: string): string | undefined {
    const start = this.bind('');
    return bound.startsWith(start) ? bound.slice(start.length) : undefined;
  }
}

const NUL = '\0';

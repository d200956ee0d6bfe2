/** Type bytes of messages that a server answers: Query, Sync, Flush (H), password, copy done and copy fail. */
const ANSWERED = new Set([...'QSHpcf'].map((type) => type.charCodeAt(0)));
const TERMINATE = 'X'.charCodeAt(0);

/** Cuts what a Postgres client sends into batches that end where an answer is due.
 *  @see PostgreSQL, "Frontend/Backend Protocol", Message Formats */
export class FrontendMessages {
  /** Whether the client has said goodbye. */
  closed = false;
  private pending: Buffer = Buffer.alloc(0);
  private started = false;

  /** The whole messages up to the last one that wants an answer; the rest is kept. */
  take(chunk: Buffer): Buffer | undefined {
    this.pending = this.pending.length ? Buffer.concat([this.pending, chunk]) : chunk;
    let due = 0;
    for (let at = 0, next: number | undefined; (next = this.endOf(at)) !== undefined; at = next) {
      const type = this.started ? this.pending[at]! : undefined;
      if (type === TERMINATE) this.closed = true;
      if (type === undefined || ANSWERED.has(type)) due = next;
      this.started = true;
    }
    if (!due) return undefined;
    const batch = this.pending.subarray(0, due);
    this.pending = this.pending.subarray(due);
    return batch;
  }

  /** Where the message at an offset ends, or `undefined` while it is not all there. The first has no type byte. */
  private endOf(at: number): number | undefined {
    const lengthAt = at + (this.started ? 1 : 0);
    if (this.pending.length < lengthAt + 4) return undefined;
    const end = lengthAt + this.pending.readUInt32BE(lengthAt);
    return this.pending.length < end ? undefined : end;
  }
}

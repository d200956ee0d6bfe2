import { draftOf, type RecordDraft, type SessionRecord } from './session-record.js';

/** One thing that a request did to a session; can be done again on what is there by now. */
export interface Change {
  /** The key that was overwritten without being looked at, `*` for all: where two requests can collide. */
  readonly overwrites?: string;
  apply(draft: RecordDraft): void;
}

/** What a request has done to a session, in order. */
export class ChangeSet {
  private readonly changes: Change[] = [];

  get isEmpty(): boolean {
    return this.changes.length === 0;
  }

  add(change: Change): void {
    this.changes.push(change);
  }

  /** These changes, then those. */
  followedBy(later: ChangeSet): ChangeSet {
    const all = new ChangeSet();
    all.changes.push(...this.changes, ...later.changes);
    return all;
  }

  /** A record with all changes made to it. */
  applyTo(record: SessionRecord): SessionRecord {
    const draft = draftOf(record);
    for (const change of this.changes) change.apply(draft);
    return draft;
  }

  /** Keys that this set overwrites and that somebody else has changed between the two records. */
  collisions(before: SessionRecord, now: SessionRecord): string[] {
    if (before.data === now.data) return [];
    const overwritten = new Set(this.changes.flatMap(({ overwrites }) => overwrites ?? []));
    const keys = overwritten.has('*') ? Object.keys({ ...before.data, ...now.data }) : [...overwritten];
    return keys.filter((key) => JSON.stringify(before.data[key]) !== JSON.stringify(now.data[key]));
  }
}

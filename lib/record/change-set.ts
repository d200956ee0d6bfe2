import { draftOf, type RecordDraft, type SessionRecord } from './session-record.js';

/** One change that a request made to a session. It can be applied again to what is stored by then. */
export interface Change {
  /** The key that the change overwrites without looking at its value, or `*` for all keys. Two requests can collide
   *  there. */
  readonly overwrites?: string;
  /** True for a change that no handler has made, so that `reset()` does not take it back. */
  readonly survivesReset?: boolean;
  apply(draft: RecordDraft): void;
}

/** All changes that a request made to a session, in order. */
export class ChangeSet {
  /** No changes. Nobody adds to this set. */
  static readonly none = new ChangeSet();
  private readonly changes: Change[] = [];

  get isEmpty(): boolean {
    return this.changes.length === 0;
  }

  add(change: Change): void {
    this.changes.push(change);
  }

  /** Returns these changes followed by `later`. */
  followedBy(later: ChangeSet): ChangeSet {
    const all = new ChangeSet();
    all.changes.push(...this.changes, ...later.changes);
    return all;
  }

  /** Returns these changes behind a check: whoever applies them, to whatever record, gets what `assert` throws. */
  behind(assert: () => void): ChangeSet {
    const guarded = new ChangeSet();
    guarded.changes.push({ apply: assert }, ...this.changes);
    return guarded;
  }

  /** Returns the changes that a reset does not take back. */
  afterReset(): ChangeSet {
    const left = new ChangeSet();
    left.changes.push(...this.changes.filter(({ survivesReset }) => survivesReset));
    return left;
  }

  /** Returns the record with all changes applied. The given record stays as it is. */
  applyTo(record: SessionRecord): SessionRecord {
    const draft = draftOf(record);
    for (const change of this.changes) change.apply(draft);
    return draft;
  }

  /** Returns the keys that this set overwrites and that another request has changed between the two records. */
  collisions(before: SessionRecord, now: SessionRecord): string[] {
    if (before.data === now.data) return [];
    const overwritten = new Set(this.changes.flatMap(({ overwrites }) => overwrites ?? []));
    const keys = overwritten.has('*') ? Object.keys({ ...before.data, ...now.data }) : [...overwritten];
    return keys.filter((key) => JSON.stringify(before.data[key]) !== JSON.stringify(now.data[key]));
  }
}

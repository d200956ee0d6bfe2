import type { Awaitable } from '../../crypto/awaitable.js';
import { ShortLivedMap } from '../../stores/short-lived-map.js';
import type { MarkChange, MarkRows, MarkWriting } from './mark-rows.js';

/** Seconds for which a mark that was read counts. */
export const LIFETIME = 30;

/** Marks that are kept at most. The one that was read first goes first. */
const MOST = 20_000;

interface Cached {
  readonly value: Buffer | undefined;
  /** When it was asked for, by the session clock (seconds) and by `performance.now()`: a clock that is set back must not keep
   *  it longer. */
  readonly at: number;
  readonly began: number;
}

/** The changes of one mark that are under way. */
interface Changes {
  count: number;
  /** How often something was learned of the mark meanwhile: by a read, or by the end of a change. */
  learned: number;
}

/** Remembers marks for {@link LIFETIME} seconds, those that are absent too, so that a request seldom asks the database. What
 *  this process writes counts here at once. Answers may come in another order than the database has worked in, so a mark of
 *  which something was learned during a change is read again. */
export class MarkCache {
  private readonly cached = new Map<string, Cached>();
  private readAt: number | undefined;
  private readonly loading = new ShortLivedMap<string, Promise<Buffer | undefined>>();
  private readonly changing = new ShortLivedMap<string, Changes>();

  constructor(
    private readonly rows: MarkRows,
    private readonly most = MOST,
  ) {}

  /** Returns what a mark says, on the same tick if it is known. `now` is in seconds. */
  get(key: Buffer, now: number): Awaitable<Buffer | undefined> {
    const name = key.toString('latin1');
    const known = this.cached.get(name);
    if (known && isFresh(known, now)) return known.value;
    return this.loading.get(name) ?? this.load(name, key, now);
  }

  /** The number of marks that are known, and the seconds since the one was asked for that the database has told last. */
  get state(): { readonly marks: number; readonly readAgo: number | undefined } {
    const { readAt, cached } = this;
    return { marks: cached.size, readAgo: readAt && (performance.now() - readAt) / 1000 };
  }

  /** Reads a mark though it may be known. */
  read(key: Buffer, now: number): Promise<Buffer | undefined> {
    return this.load(key.toString('latin1'), key, now);
  }

  /** Changes a mark; see {@link MarkRows.change}. */
  async change(
    key: Buffer,
    make: MarkChange,
    deadline: Date,
    now: number,
    options?: MarkWriting,
  ): Promise<Buffer | undefined> {
    const name = key.toString('latin1');
    const changes = this.begin(name);
    const { learned } = changes;
    try {
      const value = await this.rows.change(key, make, deadline, options);
      const began = performance.now();
      this.end(name, changes, changes.learned === learned ? { value, at: now, began } : undefined);
      return value;
    } catch (error) {
      this.end(name, changes, undefined); // it may have been written
      throw error;
    }
  }

  private begin(name: string): Changes {
    const changes = this.changing.get(name) ?? { count: 0, learned: 0 };
    changes.count++;
    this.changing.set(name, changes);
    return changes;
  }

  /** Ends a change. `mark` is what the mark says now, `undefined` if that must be read. */
  private end(name: string, changes: Changes, mark: Cached | undefined): void {
    changes.learned++;
    if (!--changes.count) this.changing.delete(name);
    this.loading.delete(name); // what was asked for before is older
    if (mark) this.keep(name, mark);
    else this.cached.delete(name);
  }

  private load(name: string, key: Buffer, at: number): Promise<Buffer | undefined> {
    const began = performance.now();
    const loading = this.rows.read(key).then(
      (value) => {
        if (this.forget(name, loading)) this.learn(name, { value, at, began });
        return value;
      },
      (error: unknown) => {
        this.forget(name, loading);
        throw error;
      },
    );
    this.loading.set(name, loading);
    return loading;
  }

  /** Ends a load. Returns false if the mark was written or asked for anew since it began. */
  private forget(name: string, loading: Promise<Buffer | undefined>): boolean {
    return this.loading.get(name) === loading && this.loading.delete(name);
  }

  private learn(name: string, mark: Cached): void {
    const changes = this.changing.get(name);
    if (changes) changes.learned++;
    this.keep(name, mark);
  }

  private keep(name: string, mark: Cached): void {
    this.readAt = Math.max(this.readAt ?? 0, mark.began);
    this.cached.delete(name);
    this.cached.set(name, mark);
    if (this.cached.size <= this.most) return;
    const [oldest] = this.cached.keys();
    this.cached.delete(oldest!);
  }
}

const isFresh = ({ at, began }: Cached, now: number): boolean =>
  Math.abs(now - at) < LIFETIME && performance.now() - began < LIFETIME * 1000;

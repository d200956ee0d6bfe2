import type { Change } from './change-set.js';
import { deepFreeze, toJsonValue } from './json-value.js';
import type { JsonValue } from './session-data.interface.js';
import type { RecordDraft } from './session-record.js';

type Present = JsonValue | undefined;

/** The change of one value by a function of the application. The first run is what the handler sees, and a commit applies
 *  the change again. So the function runs again only where the value that it is given is another one by then: two runs with the
 *  same value could have two results, as with `randomUUID()`. */
export class ValueUpdate implements Change {
  /** The value that the function was given last, and what it returned. Both are frozen, so nobody changes them later. */
  private last: { readonly before: Present; readonly after: Present } | undefined;

  /** @param change returns the new value; `undefined` removes the key. */
  constructor(
    private readonly key: string,
    private readonly change: (value: Present) => unknown,
  ) {}

  apply({ data }: RecordDraft): void {
    const { key } = this;
    const after = this.resultFor(Object.hasOwn(data, key) ? deepFreeze(data[key]) : undefined);
    if (after === undefined) delete data[key];
    else data[key] = after;
  }

  private resultFor(before: Present): Present {
    if (this.last && isSame(this.last.before, before)) return this.last.after;
    const value = this.change(before);
    const after = value === undefined ? undefined : toJsonValue(value, this.key);
    this.last = { before, after };
    return after;
  }
}

const isSame = (a: Present, b: Present): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

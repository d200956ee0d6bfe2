import { SessionStateError } from '../errors/session-state.error.js';
import { checkKey, deepFreeze, toJsonValue } from '../record/json-value.js';
import type {
  SessionKey,
  SessionNumberKey,
  SessionValueOf,
  StoredValue,
} from '../record/session-data.interface.js';
import { ValueUpdate } from '../record/value-update.js';
import { SessionFacts, stateOf } from './session-facts.js';

/** The values of a session. They are what JSON carries unchanged. What is read is frozen: change it by {@link set} or
 *  {@link update}. */
export abstract class SessionValues<T> extends SessionFacts {
  /** Returns the frozen value of a key, or `undefined`. */
  get<K extends SessionKey<T>>(key: K): SessionValueOf<T, K> | undefined {
    const { data } = stateOf(this).current;
    return (Object.hasOwn(data, key) ? deepFreeze(data[key]) : undefined) as SessionValueOf<T, K> | undefined;
  }

  /** Reports whether a key has a value. */
  has(key: SessionKey<T>): boolean {
    return Object.hasOwn(stateOf(this).current.data, key);
  }

  /** Returns all values by key, frozen. */
  all(): StoredValue<Partial<T>> {
    return deepFreeze({ ...stateOf(this).current.data }) as unknown as StoredValue<Partial<T>>;
  }

  /** Overwrites a key. In a request, nothing is stored when the session shows the same value already. On a socket, after the
   *  head of a response and in `runWithSession()`, the value is stored in any case, since another request may have changed it
   *  meanwhile. Throws a SessionStateError that names the path of a value that JSON would change. */
  set<K extends SessionKey<T>>(key: K, value: SessionValueOf<T, K>): void {
    checkKey(key);
    const copy = toJsonValue(value, key);
    const state = stateOf(this);
    const isShown = this.has(key) && JSON.stringify(state.current.data[key]) === JSON.stringify(copy);
    if (isShown && !state.isLongLived) return;
    state.change({ overwrites: key, apply: ({ data }) => void (data[key] = copy) });
  }

  /** Removes a key. Where the session does not show it, this does what {@link set} does with the same value. */
  delete(key: SessionKey<T>): void {
    const state = stateOf(this);
    if (!this.has(key) && !state.isLongLived) return;
    state.change({ overwrites: key, apply: ({ data }) => void delete data[key] });
  }

  /** Replaces the present value with what `change` returns; `undefined` removes the key. `change` runs once. Only when another
   *  request has changed the value meanwhile, it runs again with the new value, so it must have no other effect. */
  update<K extends SessionKey<T>>(
    key: K,
    change: (value: SessionValueOf<T, K> | undefined) => SessionValueOf<T, K> | undefined,
  ): void {
    checkKey(key);
    stateOf(this).change(new ValueUpdate(key, change as (value: unknown) => unknown));
  }

  /** Adds `by` to a number, which is 0 where there is none, and returns the sum as this request sees it. With
   *  `commit: true` it saves at once and resolves to the committed value, which counts the additions of all requests up to
   *  this one. Each of two requests that are saved together gets its own value. */
  increment(key: SessionNumberKey<T>, by?: number): number;
  increment(key: SessionNumberKey<T>, by: number, options: { commit: true }): Promise<number>;
  increment(key: SessionNumberKey<T>, by = 1, options?: { commit: true }): number | Promise<number> {
    checkKey(key);
    toJsonValue(by, 'by');
    const state = stateOf(this);
    let sum = 0; // each attempt of a commit applies the change anew, so the last one counts
    state.change({ apply: ({ data }) => void (data[key] = sum = add(key, own(data, key), by)) });
    return options?.commit ? state.save().then(() => sum) : sum;
  }

  /** Returns the value of a key and removes the key. */
  pull<K extends SessionKey<T>>(key: K): SessionValueOf<T, K> | undefined {
    const value = this.get(key);
    if (this.has(key)) this.delete(key); // what another request has set meanwhile, nobody has read
    return value;
  }

  /** Keeps a value until it is read once. */
  flash(key: string, value: unknown): void;
  /** Reads a kept value and removes it. */
  flash(key: string): unknown;
  flash(key: string, ...value: [unknown?]): unknown {
    checkKey(key);
    const state = stateOf(this);
    if (value.length) {
      const copy = toJsonValue(value[0], key);
      return state.change({ apply: ({ flash }) => void (flash[key] = copy) });
    }
    const { flash } = state.current;
    if (!Object.hasOwn(flash, key)) return undefined;
    const kept = deepFreeze(flash[key]);
    state.change({ apply: (draft) => void delete draft.flash[key] });
    return kept;
  }

  /** Removes all values. The session and its subject stay. */
  clear(): void {
    stateOf(this).change({
      overwrites: '*',
      apply(draft) {
        draft.data = {};
        draft.flash = {};
      },
    });
  }
}

const own = (data: object, key: string): unknown =>
  Object.hasOwn(data, key) ? (data as Record<string, unknown>)[key] : undefined;

function add(key: string, present: unknown, by: number): number {
  if (present !== undefined && typeof present !== 'number')
    throw new SessionStateError('ERR_SESSION_VALUE', `${key} is not a number, so it cannot be incremented`);
  return toJsonValue((present ?? 0) + by, key) as number;
}

/** A value that JSON carries without changing it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** What a session holds. Merge your own keys into it:
 *
 *      declare module 'nestjs-session-crypto' {
 *        interface SessionData { cart: string[] }
 *      }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface SessionData {}

/** The keys of the data: those that were declared, or any string while none is. */
export type SessionKey<T> = keyof T extends never ? string : keyof T & string;

/** The type of a key's value: as declared and read-only, or unknown. */
export type SessionValueOf<T, K> = K extends keyof T ? StoredValue<T[K]> : unknown;

/** The keys whose values are numbers, or any string while no key is declared. */
export type SessionNumberKey<T> = keyof T extends never
  ? string
  : { [K in keyof T & string]-?: IsNumber<T[K]> extends true ? K : never }[keyof T & string];

/** A value as a session returns it, frozen and therefore read-only. A part that JSON would change has the type of a
 *  sentence that says so, and no value fits that type. */
export type StoredValue<V> = unknown extends V
  ? V
  : V extends string | number | boolean | null | undefined
    ? V
    : V extends Date
      ? NotJson<'turns a Date into text: declare a string and store date.toISOString()'>
      : V extends bigint
        ? NotJson<'has no bigint: declare a string and store String(value)'>
        : V extends symbol | ((...args: never[]) => unknown)
          ? NotJson<'drops functions and symbols'>
          : V extends Collection
            ? NotJson<'has no Map, Set, RegExp, Error, Promise or bytes: declare an array, a plain object or a string'>
            : { readonly [K in keyof V]: StoredValue<V[K]> };

type NotJson<Why extends string> = { readonly 'A session keeps JSON, which': Why };

type Collection =
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<object, unknown>
  | WeakSet<object>
  | RegExp
  | Error
  | PromiseLike<unknown>
  | ArrayBufferLike
  | ArrayBufferView;

/** True if a sum is a value of this type, which it is not for a literal type such as `0 | 1`. */
type IsNumber<V> = unknown extends V
  ? true
  : number extends V
    ? [NonNullable<V>] extends [number]
      ? true
      : false
    : false;

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

/** The type of a key's value: as declared, or unknown. */
export type SessionValueOf<T, K> = K extends keyof T ? T[K] : unknown;

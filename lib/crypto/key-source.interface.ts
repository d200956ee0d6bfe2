import type { Secret } from './secret.js';

/** What a user may write in `crypto.secrets`. */
export type SecretOption =
  | string
  | Uint8Array
  | { readonly passphrase: string | Uint8Array }
  | { readonly exec: readonly [program: string, ...args: string[]] }
  | {
      readonly file: string;
      /** Accept a file that others than its owner may read; the audit lists it. @default false */
      readonly othersMayRead?: boolean;
    }
  | {
      /** A key that never leaves the token of `crypto.driver`, as that driver names it: `label=…` or `id=…`. */
      readonly key: string;
    }
  | SecretCallback;

/** A key from elsewhere (a vault, a key service), with its state if it has one. */
export type SuppliedSecret =
  string | Uint8Array | { readonly secret: string | Uint8Array; readonly state?: 'retiring' | 'revoked' };

/** Asked at start and at each reload; may give several keys, in order. */
export type SecretCallback = () =>
  SuppliedSecret | readonly SuppliedSecret[] | Promise<SuppliedSecret | readonly SuppliedSecret[]>;

/** Where secrets come from. Reading twice gives fresh buffers, since the ring wipes them. */
export interface KeySource {
  /** Path of its option, for messages. */
  readonly path: string;
  /** Whether it can answer differently another time. */
  readonly reloads: boolean;
  /** The file to watch, for a file. */
  readonly file?: string;
  /** All secrets, at least one; rejects with a SessionConfigError that names {@link path}. */
  read(): Promise<Secret[]>;
}

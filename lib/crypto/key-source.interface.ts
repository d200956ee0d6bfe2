import type { Secret } from './secret.js';

/** An entry of `crypto.secrets`. docs/keys.md explains each form.
 *
 *  A text is `raw:` + base64url or `hex:` + 64 digits for 32 bytes, `file:name`, `exec:program args`, or otherwise a
 *  passphrase of at least 16 bytes. A Uint8Array holds 32 raw bytes. */
export type SecretOption =
  | string
  | Uint8Array
  | { readonly passphrase: string | Uint8Array }
  | {
      /** A program and its arguments, run without a shell. The first line of its stdout is the secret. */
      readonly exec: readonly [program: string, ...args: string[]];
    }
  | {
      /** A file with one secret per line. */
      readonly file: string;
      /** Accepts a file that users other than its owner can read. The audit lists it. @default false */
      readonly othersMayRead?: boolean;
    }
  | {
      /** A key that never leaves the token of `crypto.driver`, in that driver's notation: `label=…` or `id=…`. */
      readonly key: string;
    }
  | SecretCallback;

/** A secret that a callback returns, for example from a vault or a key service. With state `retiring`, the key still opens
 *  and everything that it opens is stale; with `revoked`, it opens nothing. */
export type SuppliedSecret =
  string | Uint8Array | { readonly secret: string | Uint8Array; readonly state?: 'retiring' | 'revoked' };

/** Returns one secret or several in order. It is called at start and at each reload, and must settle within 10 seconds. */
export type SecretCallback = () =>
  SuppliedSecret | readonly SuppliedSecret[] | Promise<SuppliedSecret | readonly SuppliedSecret[]>;

/** A place that secrets are read from: one entry of `crypto.secrets`. */
export interface KeySource {
  /** Path of the entry, for messages. */
  readonly path: string;
  /** How the secrets are kept, for health reports. */
  readonly kind: 'literal' | 'callback' | 'exec' | 'file' | 'token';
  /** True if the source can return other secrets at another time. Only such sources are read again by timer or signal. */
  readonly reloads: boolean;
  /** The file to watch; absent for sources that are not files. */
  readonly file?: string;
  /** Returns all secrets of the source, at least one. Each call returns new buffers, since the caller wipes them. Rejects
   *  with a SessionConfigError that names {@link path}. */
  read(): Promise<Secret[]>;
}

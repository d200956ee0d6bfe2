import type { CacheLimiter } from '../../http/cache-headers.js';

/** The types of settings, each with the type of its value. */
export interface SettingValues {
  readonly flag: boolean;
  /** A whole number in PHP's notation: `1440`, `0x5A0`, `0o2640`, `2K`. */
  readonly quantity: number;
  /** A whole number in decimal digits. */
  readonly digits: number;
  /** A number that may have a fraction. */
  readonly decimal: number;
  /** Any text. */
  readonly text: string;
  /** A text that is not empty. */
  readonly separator: string;
  /** The name of a cookie. */
  readonly name: string;
  /** A text that begins with `/`, or an empty one. */
  readonly path: string;
  /** The name of a domain, or an empty text. */
  readonly domain: string;
  readonly sameSite: 'strict' | 'lax' | 'none' | undefined;
  readonly handler: 'files' | 'redis';
  readonly savePath: SavePath | undefined;
  readonly serializer: 'php' | 'php_serialize' | 'php_binary';
  readonly limiter: CacheLimiter;
  /** The attribute for each tag, in lower case. An empty attribute stands for a hidden field in the form. */
  readonly tags: ReadonlyMap<string, string>;
  /** The names of hosts, in lower case. */
  readonly hosts: readonly string[];
  readonly frequency: { readonly bytes: number } | { readonly percent: number };
}
/** The name of a type of settings. */
export type SettingType = keyof SettingValues;

/** The folder of the handler `files`. It is `undefined` for other handlers, whose path may hold a password. */
export interface SavePath {
  /** The number of folder levels between `path` and the file, each named by one character of the id. */
  readonly depth: number;
  /** The permissions of new files. */
  readonly mode: number;
  /** The folder. An empty text stands for the folder for temporary files, or for the one that a distribution has compiled
   *  in. */
  readonly path: string;
}

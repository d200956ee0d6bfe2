import type { CacheLimiter } from '../../http/cache-headers.js';

/** What each type of setting is read into. */
export interface SettingValues {
  readonly flag: boolean;
  /** A whole number in PHP's notation: `1440`, `0x5A0`, `0o2640`, `2K`. */
  readonly quantity: number;
  /** A whole number in decimal digits. */
  readonly digits: number;
  readonly decimal: number;
  readonly text: string;
  readonly separator: string;
  readonly name: string;
  /** Begins with `/`, or is empty. */
  readonly path: string;
  readonly domain: string;
  readonly sameSite: 'strict' | 'lax' | 'none' | undefined;
  readonly handler: 'files' | 'redis';
  readonly savePath: SavePath | undefined;
  readonly serializer: 'php' | 'php_serialize' | 'php_binary';
  readonly limiter: CacheLimiter;
  /** Attribute by tag, in lower case; no attribute: a hidden field in the form. */
  readonly tags: ReadonlyMap<string, string>;
  readonly hosts: readonly string[];
  readonly frequency: { readonly bytes: number } | { readonly percent: number };
}
export type SettingType = keyof SettingValues;

/** Where the handler `files` keeps sessions; `undefined` for other handlers, whose path may hold a password. */
export interface SavePath {
  /** Folders between `path` and the file, each named by one character of the id. */
  readonly depth: number;
  /** Permissions of new files. */
  readonly mode: number;
  /** Empty: the folder for temporary files, or the one that a distribution has compiled in. */
  readonly path: string;
}

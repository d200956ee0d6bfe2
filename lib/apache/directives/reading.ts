import { posix } from 'node:path';
import type { Notes } from './notes.js';
import type { Written } from './sections.js';
import { wordsOf } from './words.js';

/** What reading a value needs beside its words. */
export interface Reading {
  readonly notes: Notes;
  readonly serverRoot: string | undefined;
  readonly htaccess: boolean;
}

/** Reads what follows a directive's name; `undefined` after a fault was noted. */
export type Read<T> = (written: Written, reading: Reading) => T | undefined;

/** Exactly one word that is not empty. */
export const readWord: Read<string> = ({ row, args, line }, { notes }) => {
  const { words, closed } = wordsOf(args);
  if (words.length === 1 && words[0] && closed) return words[0];
  const said = words.length > 1 ? `has ${words.length} words` : 'has no value';
  const why = closed ? said : 'has a quote that is not closed';
  return void notes.fault(line, `${row!.name} ${why}; allowed is one word (a comment needs its own line)`);
};

/** A path under ServerRoot when it is relative, as ap_server_root_relative has it. */
export function absolute(path: string, serverRoot: string | undefined): string | undefined {
  if (isAbsolute(path)) return path;
  return serverRoot === undefined ? undefined : posix.join(serverRoot, path);
}

export const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);

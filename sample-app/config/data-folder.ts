import { chmodSync, mkdirSync } from 'node:fs';

/** Makes the folder if it is missing, and closes it to other users. */
export function makeDataFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}

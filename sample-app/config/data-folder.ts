import { chmodSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder that DATA_DIR names, `.data` without it; made if need be, and nobody else's business. */
export function dataFolder({ DATA_DIR = '.data' }: NodeJS.ProcessEnv): string {
  const folder = resolve(DATA_DIR);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}

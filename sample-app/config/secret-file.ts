import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file with a random key that only its owner may read, and whether it was made just now. */
export function secretFile(folder: string): { file: string; made: boolean } {
  const file = join(folder, 'session-secret');
  try {
    writeFileSync(file, `hex:${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
    return { file, made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { file, made: false };
  }
}

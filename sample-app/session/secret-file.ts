import { Logger } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name of a file with a random key, which is made if it is missing. Only its owner may read it. */
export function secretFile(folder: string): string {
  const file = join(folder, 'session-secret');
  const made = makeSecret(file);
  new Logger('SampleApp').log(
    `SESSION_SECRET is not set; ${made ? 'a new secret is kept' : 'the secret is read'} in ${file}`,
  );
  return file;
}

function makeSecret(file: string): boolean {
  try {
    writeFileSync(file, `hex:${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

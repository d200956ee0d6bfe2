import { codeOf } from '../../../../lib/errors/session-store.error.js';
import { FileLock } from '../../../../lib/php/shared/file-lock.js';
import { LockedFile } from '../../../../lib/php/shared/locked-file.js';

const [work = '', path = ''] = process.argv.slice(2);

const WORKS: Readonly<Record<string, (file: LockedFile) => Promise<void>>> = {
  /** Holds the lock until the test writes to its standard input. */
  async hold() {
    process.stdout.write('held');
    await new Promise((resolve) => process.stdin.once('data', resolve));
  },
  /** Writes more than the limit of its file size. */
  async overflow(file) {
    const { bytes } = await file.read();
    const written = file.write(Buffer.alloc(100_000, 'x'), bytes);
    await written.catch((error: unknown) => process.stdout.write(codeOf(error)));
  },
};

try {
  const lock = await FileLock.load('store.sharedUnsealed');
  const owner = { uid: process.geteuid!(), mode: 0o600 };
  const until = performance.now() + 5000;
  await LockedFile.use(path, 'exclusive', { lock, owner, until }, WORKS[work]!);
} catch (error) {
  process.stdout.write((error as Error).message);
}
process.stdin.destroy();

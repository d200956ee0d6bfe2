import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { NSS } from '../../../../../lib/crypto/drivers/nss/nss.row.js';
import { useBundle } from '../../../../support/bundle.js';

const run = promisify(execFile);

/** One step of `process.mjs` and its argument. */
export type Step = readonly ['open' | 'initialise' | 'isInitialised' | 'missing', object?];

interface Report {
  readonly results: readonly unknown[];
  readonly warnings: readonly { readonly name: string; readonly code: string; readonly message: string }[];
}

/** Returns a function that gives the results of steps in a process of their own. */
export function useProcesses(): (...steps: Step[]) => Promise<Report> {
  const script = useBundle(new URL('./process.mjs', import.meta.url));
  return async (...steps) => {
    const { stdout } = await run(process.execPath, ['--no-warnings', script(), JSON.stringify(steps)]);
    return JSON.parse(stdout) as Report;
  };
}

/** The reason why the tests that need NSS cannot run here, which is printed; `undefined` if they can. */
export async function whyNoNss(): Promise<string | undefined> {
  return said(await NSS.missing());
}

/** The reason why the tests that need a certificate database cannot run here, which is printed; `undefined` if they can. */
export function whyNoCertutil(): string | undefined {
  try {
    execFileSync('certutil', ['-H'], { stdio: 'ignore' });
    return undefined;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT'; // help leaves with 1
    return isThere ? undefined : said('certutil is missing: apt-get install libnss3-tools');
  }
}

function said(reason: string | undefined): string | undefined {
  if (reason) console.warn(`skipped: ${reason}`);
  return reason;
}

/** Makes empty folders that are removed after the file's tests. */
export function useFolders(): () => string {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'nss-'));
    folders.push(folder);
    return folder;
  };
}

/** Makes a real certificate database, without a password unless `args` says so. */
export function makeDatabase(folder: string, args: readonly string[] = ['--empty-password']): string {
  execFileSync('certutil', ['-N', '-d', folder, ...args], { stdio: 'ignore' });
  return folder;
}

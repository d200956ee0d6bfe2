import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, TestRunner } from 'vitest';

type Act = () => unknown;
const atTheEnd: Act[] = [];

/** Does what was left for the end of the file. A setup file calls it, since files that share a process load this module once. */
export async function cleanUpFile(): Promise<void> {
  for (const act of atTheEnd.splice(0).toReversed()) await act();
}

/** The end of the test that runs, or of its file. */
export type End = 'test' | 'file';

const nearest = (): End => (TestRunner.getCurrentTest() ? 'test' : 'file');

/** Does this at the end of what runs now: of the test, or of the file if a `beforeAll` runs. The last comes first. */
export function cleanUp(act: Act, end: End = nearest()): void {
  if (end === 'test') onTestFinished(async () => void (await act()));
  else atTheEnd.push(act);
}

/** A new folder, which is removed at that end; see {@link cleanUp}. */
export async function temporaryFolder(end?: End): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'session-crypto-test-'));
  cleanUp(() => rm(folder, { recursive: true, force: true }), end);
  return folder;
}

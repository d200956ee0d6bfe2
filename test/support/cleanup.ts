import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished, TestRunner } from 'vitest';

type Act = () => unknown;
const atTheEnd: Act[] = [];

afterAll(async () => {
  for (const act of atTheEnd.splice(0).toReversed()) await act();
});

/** Does this after the test that runs now, or at the end of the file if a `beforeAll` is what runs. The last comes
 *  first. */
export function cleanUp(act: Act): void {
  if (TestRunner.getCurrentTest()) onTestFinished(async () => void (await act()));
  else atTheEnd.push(act);
}

/** A new folder for what runs now; see {@link cleanUp}. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'session-crypto-test-'));
  cleanUp(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

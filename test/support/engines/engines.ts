import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const SOURCE = fileURLToPath(new URL('aes256-engine.c', import.meta.url));

/** An engine for tests, or why there is none. A process keeps the engine that it has set: each goes with a test file of
 *  its own, which vitest runs in a process of its own. */
export type TestEngine = { readonly path: string } | { readonly missing: string };

/** Compiles the engine of aes256-engine.c, which answers rightly or by XOR. */
export function buildEngine(kind: 'right' | 'wrong'): TestEngine {
  const folder = mkdtempSync(join(tmpdir(), 'session-engine-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, `${kind}.so`);
  const headers = join(dirname(dirname(process.execPath)), 'include/node');
  const include = existsSync(headers) ? ['-I', headers] : [];
  const flags = ['-shared', '-fPIC', ...include, ...(kind === 'wrong' ? ['-DWRONG'] : [])];
  const { error, status } = spawnSync('cc', [...flags, '-o', path, SOURCE]);
  if (error) return { missing: 'there is no C compiler (cc)' };
  return status === 0
    ? { path }
    : { missing: 'OpenSSL has no headers of engines here (apt-get install libssl-dev)' };
}

/** An engine that a distribution packages. */
export function packagedEngine(file: string, packageName: string): TestEngine {
  const places = readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder, 'engines-3', file));
  const path = places.find((place) => existsSync(place));
  return path ? { path } : { missing: `apt-get install ${packageName}` };
}

/** What is said where tests are skipped. */
export const whyNot = (engine: TestEngine): string =>
  'missing' in engine ? ` (skipped: ${engine.missing})` : '';
export const pathOf = (engine: TestEngine): string => ('path' in engine ? engine.path : '');

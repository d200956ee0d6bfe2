import { spawn, spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(root, 'dist/esm/cli.js');
const SECRET = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
/** Root may do everything, so that another user has to ask. */
const asNobody: SpawnSyncOptions = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
const readable = spawnSync(
  process.execPath,
  ['-e', `require('fs').readFileSync(${JSON.stringify(CLI)})`],
  asNobody,
);
const canAsk = readable.status === 0;
if (!canAsk)
  console.warn('skipped: the user nobody cannot read this folder, so nobody can ask for exit status 77');
let folder: string;

/** Below this package, so that the options find it by its name. */
beforeAll(() => {
  folder = mkdtempSync(join(root, 'test/package/cli-'));
  chmodSync(folder, 0o755);
  const lines = [
    "import { fileStore } from 'nestjs-session-crypto/php';",
    "const path = new URL('sessions', import.meta.url).pathname;",
    `export default { crypto: { secrets: ['${SECRET}'] }, store: fileStore({ path }) };`,
    'setInterval(() => undefined, 1000); // as a pool or a client of the operator keeps a process alive',
  ];
  writeFileSync(join(folder, 'session.options.mjs'), lines.join('\n'));
  mkdirSync(join(folder, 'sessions'), { mode: 0o700 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cli(args: string[], options: SpawnSyncOptions = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    timeout: 30_000,
    ...options,
    encoding: 'utf8',
  });
  expect(stdout + stderr).not.toContain(SECRET.slice(4));
  return { status, stdout, stderr };
}

describe('session-crypto, as it was built', () => {
  it('reads ./session.options.mjs, and ends although something in there goes on', () => {
    expect(cli(['sessions', 'count'])).toEqual({ status: 0, stdout: '0\n', stderr: '' });
    expect(cli(['sessions', 'list', 'ada', '--json'])).toEqual({ status: 1, stdout: '[]\n', stderr: '' });
  });

  it('says its version, and has no colours where no terminal is', () => {
    const { stdout } = cli(['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(cli(['--help']).stdout).not.toContain('\u001b');
  });

  it.runIf(spawnSync('script', ['--version']).status === 0)(
    'has colours on a terminal, and none with NO_COLOR',
    () => {
      const onTerminal = (env: object) =>
        spawnSync('script', ['-qec', `${process.execPath} ${CLI} --help`, '/dev/null'], {
          env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
          encoding: 'utf8',
          timeout: 30_000,
        }).stdout;
      expect(onTerminal({})).toContain('\u001b[1mUsage:\u001b[22m');
      expect(onTerminal({ NO_COLOR: '1' })).toContain('Usage:');
      for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
        expect(onTerminal(env)).not.toContain('\u001b[');
    },
  );

  it('writes all of its output before it ends', () => {
    const { stdout } = cli(['completion', 'fish']);
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stdout.length).toBeGreaterThan(5000);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('watches until %s, and ends with 0', async (signal) => {
    const watching = spawn(process.execPath, [CLI, 'sessions', 'watch', '--json'], { cwd: folder });
    const [first] = (await once(watching.stdout, 'data')) as [Buffer];
    expect(JSON.parse(String(first))).toMatchObject({ kind: 'count', count: 0 });
    watching.kill(signal);
    expect(await once(watching, 'exit')).toEqual([0, null]);
  });

  it('ends with 66 where there are no options', () => {
    const { status, stderr } = cli(['sessions', 'count'], { cwd: root });
    expect([status, stderr]).toEqual([
      66,
      'session-crypto: no options are known: ./session.options.mjs does not exist here; write --config FILE or --module FILE#CLASS\n',
    ]);
  });

  it.runIf(canAsk)(
    'ends with 77 for a folder of sessions that this user cannot write, and changes nothing',
    () => {
      const path = join(folder, 'sessions');
      const before = readdirSync(path);
      if (isRoot) chownSync(path, NOBODY, NOBODY);
      chmodSync(path, 0o500);
      const { status, stdout, stderr } = cli(['prune'], asNobody);
      chmodSync(path, 0o700);
      if (isRoot) chownSync(path, 0, 0);
      expect([status, stdout]).toEqual([77, '']);
      expect(stderr).toMatch(
        /^session-crypto: store\.path: .*sessions cannot be written to \(EACCES\); .*\n$/,
      );
      expect(readdirSync(path)).toEqual(before);
    },
  );

  it.runIf(canAsk)('ends with 77 for a file of secrets that this user cannot read', () => {
    writeFileSync(join(folder, 'secret'), SECRET, { mode: isRoot ? 0o600 : 0 });
    const file = "{ file: new URL('secret', import.meta.url).pathname }";
    writeFileSync(join(folder, 'private.mjs'), `export default { crypto: { secrets: [${file}] } };`);
    const { status, stdout, stderr } = cli(['sessions', 'count', '--config', 'private.mjs'], asNobody);
    expect([status, stdout]).toEqual([77, '']);
    expect(stderr).toMatch(/^session-crypto: crypto\.secrets\[0\].*: .* cannot be opened \(EACCES\)\n$/);
  });
});

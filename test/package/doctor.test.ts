import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SECRET = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
let folder: string;

/** Below this package, so that the configuration finds it by its name. */
beforeAll(() => void (folder = mkdtempSync(join(root, 'test/package/doctor-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const doctor = (...args: string[]) => {
  const env = { ...process.env, SESSION_SECRET: SECRET };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist/esm/cli.js'), 'doctor', ...args],
    { cwd: folder, env, encoding: 'utf8' },
  );
  expect(stdout + stderr).not.toContain(SECRET.slice(4));
  return { status, stdout, stderr };
};

function config(source: string): string {
  writeFileSync(join(folder, 'session.mjs'), source);
  return 'session.mjs';
}

const imports =
  "import 'reflect-metadata'; import { cookieStore } from 'nestjs-session-crypto'; import { apache } from 'nestjs-session-crypto/apache';";

describe('session-crypto doctor, as it was built', () => {
  it('judges the options of a module that imports this package', () => {
    const file = config(
      `${imports} export const sessionOptions = { crypto: { secrets: [process.env.SESSION_SECRET] }, store: cookieStore({ acceptReplay: true }) };`,
    );
    const { status, stdout, stderr } = doctor('--config', file, '--strict');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('choose  crypto.secrets[0]: the environment');
    expect(stdout).toMatch(/\n0 broken, 0 weak, \d+ for you to choose, \d+ ok\n$/);
  });

  it('ends with 1 where something is weak and it is strict, with 2 where something is broken', () => {
    const weak = config(`export default { crypto: { secrets: [process.env.SESSION_SECRET] } };`);
    expect(doctor('--config', weak).status).toBe(0);
    expect(doctor('--config', weak, '--strict').status).toBe(1);
    const broken = config(`export default { crypto: { secrets: [process.env.NOT_SET] } };`);
    const { status, stdout } = doctor('--config', broken);
    expect(status).toBe(2);
    expect(stdout).toContain('broken  crypto.secrets[0]: the application does not start');
  });

  it('adds what another form says of itself', () => {
    const file = config(
      `${imports} export default { crypto: { format: apache({ secrets: ['secret'] }) }, cookie: { name: 'session' } };`,
    );
    const { status, stdout } = doctor('--config', file, '--json');
    const { rows } = JSON.parse(stdout) as { rows: { code: string; verdict: string; source: string }[] };
    expect(status).toBe(2);
    expect(rows).toContainEqual(
      expect.objectContaining({
        code: 'apache-short-passphrase',
        verdict: 'broken',
        source: 'mod_session_crypto',
      }),
    );
  });

  it('says how it is asked', () => {
    const { status, stderr } = doctor();
    expect(status).toBe(64);
    expect(stderr).toMatch(/^session-crypto: doctor needs options or a site: --config FILE,/);
  });
});

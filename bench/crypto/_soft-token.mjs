// A SoftHSM2 token in a folder of its own, for the benchmark of drivers.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARY = ['/usr/lib/softhsm', '/usr/local/lib/softhsm']
  .map((folder) => join(folder, 'libsofthsm2.so'))
  .find((file) => existsSync(file));
const PIN = '4711';

/** The parameters of driver pkcs11, and what takes the token away; `undefined` without SoftHSM2. */
export function softToken() {
  if (!LIBRARY) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'softhsm-'));
  mkdirSync(join(folder, 'tokens'));
  process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
  writeFileSync(process.env.SOFTHSM2_CONF, `directories.tokendir = ${join(folder, 'tokens')}\n`);
  const words = ['--init-token', '--free', '--label', 'bench', '--pin', PIN, '--so-pin', PIN];
  execFileSync('softhsm2-util', words, { stdio: 'ignore' });
  const pin = { path: 'pin', reloads: false, read: async () => [{ kind: 'passphrase', bytes: Buffer.from(PIN) }] };
  return { params: { library: LIBRARY, label: 'bench', pin }, close: () => rmSync(folder, { recursive: true }) };
}

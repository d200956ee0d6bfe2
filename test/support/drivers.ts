import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CryptoOptions } from 'nestjs-session-crypto';
import { DRIVER_ROWS } from '../../lib/crypto/drivers/driver-rows.js';
import type { DriverRow } from '../../lib/crypto/drivers/driver-row.interface.js';

/** A driver as an operator would choose it. */
export interface DriverSetup {
  readonly title: string;
  readonly row: DriverRow;
  readonly params: NonNullable<CryptoOptions['driverParams']>;
  /** What it needs that is not here. */
  readonly missing: string | undefined;
}

/** Debian packages of what the drivers need outside Node. */
export const PACKAGES = 'libnss3 softhsm2';

const LIBRARIES = ['/usr/lib/softhsm', '/usr/local/lib/softhsm', ...multiarch('softhsm')];
const PIN = '4711';
const LABEL = 'sessions';

/** Every row of DRIVER_ROWS, some of them in several ways. */
export async function driverSetups(token: SoftToken): Promise<DriverSetup[]> {
  const ways: Readonly<Record<string, readonly DriverSetup['params'][]>> = {
    sodium: [{ library: 'wasm' }, { library: 'native' }],
    pkcs11: [token.params],
  };
  const setups = DRIVER_ROWS.flatMap((row) =>
    (ways[row.name] ?? [{}]).map(async (params) => ({
      title: titleOf(row, params),
      row,
      params,
      missing: (await row.missing()) ?? (row.name === 'pkcs11' ? token.missing : undefined),
    })),
  );
  return Promise.all(setups);
}

function titleOf({ name }: DriverRow, { library }: DriverSetup['params']): string {
  if (name === 'pkcs11') return name;
  return library ? `${name} (${String(library)})` : name;
}

/** A token of SoftHSM2 in a folder of its own. */
export interface SoftToken {
  readonly params: DriverSetup['params'];
  readonly missing: string | undefined;
  close(): void;
}

/** Has to be made before the library is loaded, since that reads where its tokens are from the environment. */
export function softToken(): SoftToken {
  const library = LIBRARIES.map((folder) => join(folder, 'libsofthsm2.so')).find((file) => existsSync(file));
  if (!library) return { params: {}, missing: 'SoftHSM2: apt-get install softhsm2', close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'softhsm-'));
  mkdirSync(join(folder, 'tokens'));
  const file = join(folder, 'softhsm2.conf');
  writeFileSync(file, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = file;
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', LABEL, '--pin', PIN, '--so-pin', PIN], {
    stdio: 'ignore',
  });
  return {
    params: { library, label: LABEL, pin: PIN },
    missing: undefined,
    close: () => rmSync(folder, { recursive: true }),
  };
}

function multiarch(name: string): string[] {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders.filter((one) => one.includes('-linux-gnu')).map((one) => join('/usr/lib', one, name));
}

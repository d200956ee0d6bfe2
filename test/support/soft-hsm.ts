import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { openPkcs11 } from '../../lib/crypto/drivers/pkcs11/open-pkcs11.js';
import { CKA, CKF_RW_SESSION, CKK, CKO_SECRET_KEY } from '../../lib/crypto/drivers/pkcs11/constants.js';
import { Cryptoki } from '../../lib/crypto/drivers/pkcs11/cryptoki.js';
import type { Pkcs11Driver } from '../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import { TokenSession } from '../../lib/crypto/drivers/pkcs11/token-session.js';
import { findToken } from '../../lib/crypto/drivers/pkcs11/tokens.js';
import type { Attribute } from '../../lib/crypto/drivers/pkcs11/template.js';
import type { KeySource } from '../../lib/crypto/key-source.interface.js';

export const PIN = '731904';
export const LIBRARY = '/usr/lib/softhsm/libsofthsm2.so';

/** Why these tests cannot run here, or `undefined`. */
export const MISSING = existsSync(LIBRARY)
  ? undefined
  : 'SoftHSM2 is not installed (apt-get install softhsm2)';
if (MISSING) console.warn(`skipped: ${MISSING}`);

/** Where a PIN comes from, counting how often it is read. */
export interface CountedPin extends KeySource {
  reloads: boolean;
  pin: string;
  reads: number;
}

export function pinOf(pin: string = PIN): CountedPin {
  return {
    path: 'crypto.driverParams.pin',
    kind: 'literal',
    reloads: false,
    pin,
    reads: 0,
    async read() {
      this.reads++;
      return [{ kind: 'passphrase', bytes: Buffer.from(this.pin) }];
    },
  };
}

/** SoftHSM2 with two tokens, `app` and `other`, in a folder of its own. One for each test file: the library keeps its
 *  state for the whole process. */
export class SoftHsm {
  private readonly folder = mkdtempSync(join(tmpdir(), 'soft-hsm-'));
  private readonly tokens = join(this.folder, 'tokens');

  constructor() {
    mkdirSync(this.tokens);
    const file = join(this.folder, 'softhsm2.conf');
    writeFileSync(file, `directories.tokendir = ${this.tokens}\nlog.level = ERROR\n`);
    process.env['SOFTHSM2_CONF'] = file;
    for (const label of ['app', 'other'])
      execFileSync('softhsm2-util', [
        '--init-token',
        '--free',
        '--label',
        label,
        '--pin',
        PIN,
        '--so-pin',
        PIN,
      ]);
  }

  /** The driver over the token `app`. */
  open(params: { pin?: KeySource; library?: string } = {}) {
    return openPkcs11({ library: LIBRARY, label: 'app', pin: pinOf(), ...params }, 'crypto.driver');
  }

  /** As {@link open}, with another source of the PIN. */
  driver(pin: KeySource = pinOf()): Promise<Pkcs11Driver> {
    return this.open({ pin });
  }

  /** A key in the token `app`, made of these bytes; somebody has to be logged in. */
  putKey(label: string, value: Uint8Array, ...attributes: Attribute[]): void {
    this.writing((session) =>
      session.create([
        [CKA.CLASS, CKO_SECRET_KEY],
        [CKA.KEY_TYPE, CKK.GENERIC_SECRET],
        [CKA.TOKEN, true],
        [CKA.PRIVATE, true],
        [CKA.SIGN, true],
        [CKA.LABEL, Buffer.from(label)],
        [CKA.VALUE, value],
        ...attributes,
      ]),
    );
  }

  /** Takes a key out of the token `app`. */
  removeKey(label: string): void {
    this.writing((session) => {
      for (const key of session.find([
        [CKA.TOKEN, true],
        [CKA.LABEL, Buffer.from(label)],
      ]))
        session.destroy(key);
    });
  }

  /** Whether the objects of sessions, each of them, can be read out: `[sensitive, extractable]`. */
  sessionObjects(): boolean[][] {
    return this.writing((session) =>
      session.find([[CKA.TOKEN, false]]).map((object) =>
        session
          .attributes(object, [
            [CKA.SENSITIVE, 1],
            [CKA.EXTRACTABLE, 1],
          ])
          .map((flag) => flag[0] === 1),
      ),
    );
  }

  /** Calls a function of the library behind the driver's back. */
  call(name: 'C_Finalize' | 'C_CloseAllSessions', ...args: (bigint | null)[]): void {
    const type = name === 'C_Finalize' ? 'void *' : 'ulong';
    koffi.load(LIBRARY).func(name, 'ulong', [type])(...args);
  }

  /** Slot of the token `app`. */
  slot(): bigint {
    return findToken(this.cryptoki(), { by: 'label', value: 'app' }).slot;
  }

  serial(): string {
    return findToken(this.cryptoki(), { by: 'label', value: 'app' }).serial;
  }

  /** Makes the library read its configuration anew, where another instance was used in this process before. */
  restart(): void {
    this.cryptoki();
    this.call('C_Finalize', null);
  }

  /** The tokens are pulled: the library sees none until they are put back. */
  pull(): void {
    this.call('C_Finalize', null);
    renameSync(this.tokens, `${this.tokens}-away`);
    mkdirSync(this.tokens);
  }

  putBack(): void {
    this.call('C_Finalize', null);
    rmSync(this.tokens, { recursive: true });
    renameSync(`${this.tokens}-away`, this.tokens);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  private cryptoki(): Cryptoki {
    const cryptoki = new Cryptoki(koffi, LIBRARY);
    cryptoki.initialize();
    return cryptoki;
  }

  private writing<T>(act: (session: TokenSession) => T): T {
    const session = TokenSession.open(this.cryptoki(), this.slot(), CKF_RW_SESSION);
    try {
      return act(session);
    } finally {
      session.close();
    }
  }
}

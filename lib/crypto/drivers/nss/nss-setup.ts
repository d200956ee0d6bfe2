import { existsSync } from 'node:fs';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import type { DriverParams } from '../driver-row.interface.js';
import { lastError, SUCCESS, type NssLibrary } from './nss-library.js';

/** NSS_INIT_READONLY of nss.h. */
const READ_ONLY = 0x1;
/** SECMOD_DB of secmod.h. */
const SECMOD = 'secmod.db';

/** The parameters that NSS is initialised with, in the order in which they are shown. */
const SHOWN = ['library', 'dir', 'key3', 'cert7', 'secmod', 'readwrite'];

let initialisedAs: string | undefined;
let hasWarned = false;

/** Initialises NSS as Apache's driver does, once in a process. Throws a SessionConfigError when it fails, when we were
 *  asked for it with other parameters before, and for `noinit` when nobody has done it. */
export function initialiseNss(library: NssLibrary, params: DriverParams, path: string): void {
  if (params['noinit']) return refuseUnlessInitialised(library, path);
  const asked = describe(params);
  if (initialisedAs === asked) return;
  if (initialisedAs !== undefined)
    throw fault(
      path,
      `NSS has one set-up in a process: it was started with ${initialisedAs}, and now with ${asked}; make them equal`,
    );
  if (library.nss.NSS_IsInitialized()) return warnOnce(asked);
  start(library, params, path);
  initialisedAs = asked;
}

function refuseUnlessInitialised({ nss }: NssLibrary, path: string): void {
  if (nss.NSS_IsInitialized()) return;
  throw fault(
    `${path}Params.noinit`,
    'nobody has initialised NSS in this process; leave noinit away, or have it done before',
  );
}

function start({ nss }: NssLibrary, params: DriverParams, path: string): void {
  const dir = text(params, 'dir');
  if (!dir) {
    if (nss.NSS_NoDB_Init(null) === SUCCESS) return;
    throw fault(path, `NSS does not start (${lastError(nss)})`);
  }
  refuseMissing(dir, path);
  const secmod = text(params, 'secmod') || SECMOD;
  const flags = params['readwrite'] ? 0 : READ_ONLY;
  if (nss.NSS_Initialize(dir, certPrefix(params), keyPrefix(params), secmod, flags) === SUCCESS) return;
  throw fault(
    `${path}Params.dir`,
    `NSS opens no database there (${lastError(nss)}): certutil -N -d DIR makes one; key3 and cert7 are beginnings of its file names`,
  );
}

/** What NSS says of a folder that is not there is that the database is bad. */
function refuseMissing(dir: string, path: string): void {
  if (existsSync(dir.replace(/^(sql|dbm):/, ''))) return;
  throw fault(`${path}Params.dir`, 'there is no such folder; certutil -N -d DIR makes a database in one');
}

/** APR hands `key3` and `cert7` to NSS as beginnings of file names, while httpd's manual shows whole names: what NSS
 *  would append itself is taken off. */
const keyPrefix = (params: DriverParams) => text(params, 'key3').replace(/key[34]\.db$/, '');
const certPrefix = (params: DriverParams) => text(params, 'cert7').replace(/cert[789]\.db$/, '');

function text(params: DriverParams, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : '';
}

function describe(params: DriverParams): string {
  const given = SHOWN.filter((name) => params[name] !== undefined);
  if (!given.length) return 'no parameters';
  return given.map((name) => (params[name] === true ? name : `${name}=${text(params, name)}`)).join(' ');
}

/** As Apache (AH01844): a warning, and what is there is used. */
function warnOnce(asked: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `NSS has been initialised before by other code or another thread of this process; that set-up is used, and not ours (${asked}). The parameter noinit says that this is meant`,
    { type: 'SessionCryptoWarning', code: 'NSS_ALREADY_INITIALIZED' },
  );
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);

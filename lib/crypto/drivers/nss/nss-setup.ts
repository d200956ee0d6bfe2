import { accessSync, constants, existsSync } from 'node:fs';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import type { DriverParams } from '../driver-row.interface.js';
import { lastError, SUCCESS, type NssLibrary } from './nss-library.js';

/** NSS_INIT_READONLY in nss.h. */
const READ_ONLY = 0x1;
/** SECMOD_DB in secmod.h, the default name of the module database. */
const SECMOD = 'secmod.db';

/** The parameters that NSS is initialised with, in the order in which messages show them. */
const SHOWN = ['library', 'dir', 'key3', 'cert7', 'secmod', 'readwrite'];

/** The parameters with which this module has initialised NSS; `undefined` if it has not. NSS has one state per process. */
let initialisedAs: string | undefined;
let hasWarned = false;

/** Initialises NSS once per process, as httpd's nss driver does. If other code has already initialised it, that state is
 *  used and a warning is printed.
 *
 *  Throws a SessionConfigError if NSS refuses, if this process has initialised it with other parameters, or if `noinit` is
 *  set and nobody has initialised it. `path` is the option `crypto.driver`. */
export function initialiseNss(library: NssLibrary, params: DriverParams, path: string): void {
  if (params['noinit']) return refuseUnlessInitialised(library, path);
  const asked = describe(params);
  if (initialisedAs === asked) return;
  if (initialisedAs !== undefined)
    throw fault(
      path,
      `a process can initialise NSS only once; it was initialised with ${initialisedAs}, and now ${asked} is requested; make them equal`,
    );
  if (library.nss.NSS_IsInitialized()) return warnOnce(asked);
  start(library, params, path);
  initialisedAs = asked;
}

function refuseUnlessInitialised({ nss }: NssLibrary, path: string): void {
  if (nss.NSS_IsInitialized()) return;
  throw fault(
    `${path}Params.noinit`,
    'no code in this process has initialised NSS; remove noinit, or initialise NSS before the application starts',
  );
}

function start({ nss }: NssLibrary, params: DriverParams, path: string): void {
  const dir = text(params, 'dir');
  if (!dir) {
    if (nss.NSS_NoDB_Init(null) === SUCCESS) return;
    throw fault(path, `NSS cannot be initialised (${lastError(nss)})`);
  }
  refuseMissing(dir, path);
  const secmod = text(params, 'secmod') || SECMOD;
  const flags = params['readwrite'] ? 0 : READ_ONLY;
  if (nss.NSS_Initialize(dir, certPrefix(params), keyPrefix(params), secmod, flags) === SUCCESS) return;
  throw fault(
    `${path}Params.dir`,
    `NSS cannot open a database there (${lastError(nss)}); certutil -N -d DIR makes one, and key3 and cert7 are prefixes of its file names`,
  );
}

/** Throws if the folder does not exist or cannot be read: NSS itself would report a bad database, which misleads. */
function refuseMissing(dir: string, path: string): void {
  const folder = dir.replace(/^(sql|dbm):/, '');
  const at = `${path}Params.dir`;
  if (!existsSync(folder))
    throw fault(at, 'the folder does not exist; create it, then certutil -N -d DIR makes a database in it');
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch {
    throw fault(
      at,
      'the user of the application cannot read the folder; leave its owner and mode alone, and name a folder of your own with a copy of the database',
    );
  }
}

/** Return the prefixes of the database's file names. APR passes `key3` and `cert7` to NSS as prefixes, although httpd's
 *  manual shows whole names. The part that NSS appends itself is removed, so that both spellings work. */
const keyPrefix = (params: DriverParams) => text(params, 'key3').replace(/key[34]\.db$/, '');
const certPrefix = (params: DriverParams) => text(params, 'cert7').replace(/cert[789]\.db$/, '');

function text(params: DriverParams, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : '';
}

/** Shows the parameters, which hold no secret. */
function describe(params: DriverParams): string {
  const given = SHOWN.filter((name) => params[name] !== undefined);
  if (!given.length) return 'no parameter';
  return given.map((name) => (params[name] === true ? name : `${name}=${text(params, name)}`)).join(' ');
}

/** Warns, as httpd does (AH01844), that the existing state of NSS is used and not our parameters. */
function warnOnce(asked: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `other code or another thread of this process has already initialised NSS; its set-up is used, and not ours (${asked}). Set the parameter noinit if this is intended`,
    { type: 'SessionCryptoWarning', code: 'NSS_ALREADY_INITIALIZED' },
  );
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);

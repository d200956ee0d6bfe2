import { nearestName } from '../../errors/nearest-name.js';
import type { CryptoOptions } from '../../options/crypto-options.interface.js';
import { quoted, type Diagnostics } from '../directives/diagnostics.js';
import { isRelative } from '../directives/driver-value.js';
import type { DriverSetting } from '../directives/model.interface.js';

type Params = Readonly<Record<string, 'text' | 'flag'>>;

/** The parameters of APR's drivers, with or without a value. See apr_crypto_openssl.c and apr_crypto_nss.c, crypto_init. */
const DRIVERS: Readonly<Record<string, Params>> = {
  openssl: { engine: 'text' },
  nss: { dir: 'text', key3: 'text', cert7: 'text', secmod: 'text', noinit: 'flag' },
};

const names = (table: object) => Object.keys(table).join(', ');

/** Turns `SessionCryptoDriver name [param[=value]]` into options. Adds a fault for each wrong parameter, at the
 *  directive's line. */
export function driverOptions(
  setting: DriverSetting | undefined,
  diagnostics: Diagnostics,
): Pick<CryptoOptions, 'driver' | 'driverParams'> | undefined {
  if (!setting) return undefined;
  const { name, params, line } = setting;
  const known = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;
  const faults = known
    ? Object.entries(params).flatMap(([param, value]) => paramFault(name, known, param, value) ?? [])
    : [unknownDriver(name)];
  for (const fault of faults) diagnostics.addFault(line, `SessionCryptoDriver ${fault}`);
  if (faults.length) return undefined;
  const { dir } = params;
  if (typeof dir === 'string' && isRelative(dir))
    diagnostics.addFinding(
      line,
      `SessionCryptoDriver: ${quoted(`dir=${dir}`)} is a relative path and there is no ServerRoot, so it begins where this process runs; write the absolute path, or give the option serverRoot`,
    );
  return { driver: name as 'openssl' | 'nss', ...(Object.keys(params).length && { driverParams: params }) };
}

function unknownDriver(name: string): string {
  const nearest = nearestName(name.slice(0, 20), Object.keys(DRIVERS));
  const meant = nearest ? `; is ${nearest} meant?` : '';
  return `is ${quoted(name)}; allowed are ${names(DRIVERS)}${meant}`;
}

/** Returns what is wrong with one parameter. `true` is a parameter without a value. */
function paramFault(driver: string, known: Params, param: string, value: string | true): string | undefined {
  const kind = Object.hasOwn(known, param) ? known[param] : undefined;
  if (!kind) return `${driver} has no parameter ${quoted(param)}; allowed are ${names(known)}`;
  if (kind === 'flag')
    return value === true ? undefined : `${driver}: ${param} is a flag; write it without a value`;
  return value === true || !value ? `${driver}: ${param} has no value; write ${param}=value` : undefined;
}

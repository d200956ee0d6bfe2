import { SessionConfigError } from '../../errors/session-config.error.js';
import type { CryptoOptions } from '../../options/crypto-options.interface.js';
import { nearestName } from '../../options/nearest-name.js';
import type { WrittenDriver } from './model.interface.js';
import { say } from './notes.js';

/** Parameters that APR's drivers know, each with a value or without one. See apr_crypto_openssl.c and apr_crypto_nss.c,
 *  crypto_init. */
const DRIVERS: Readonly<Record<string, Readonly<Record<string, 'text' | 'flag'>>>> = {
  openssl: { engine: 'text' },
  nss: { dir: 'text', key3: 'text', cert7: 'text', secmod: 'text', noinit: 'flag' },
};

const names = (table: object) => Object.keys(table).join(', ');

/** The options that `SessionCryptoDriver name [param[=value]]` stands for. Throws a SessionConfigError with every wrong
 *  parameter, at the directive's line. */
export function driverOf(
  written: WrittenDriver | undefined,
): Pick<CryptoOptions, 'driver' | 'driverParams'> | undefined {
  if (!written) return undefined;
  const { name, params } = written;
  const known = Object.hasOwn(DRIVERS, name) ? DRIVERS[name]! : undefined;
  if (!known) throw faults(written, [unknownDriver(name)]);
  const wrong = Object.entries(params).flatMap(
    ([param, value]) => wrongParam(name, known, param, value) ?? [],
  );
  if (wrong.length) throw faults(written, wrong);
  return { driver: name as 'openssl' | 'nss', ...(Object.keys(params).length && { driverParams: params }) };
}

function unknownDriver(name: string): string {
  const nearest = nearestName(name.slice(0, 20), Object.keys(DRIVERS));
  const meant = nearest ? `; is ${nearest} meant?` : '';
  return `${say(name)} is not there; there are ${names(DRIVERS)}${meant}`;
}

function wrongParam(
  driver: string,
  known: Readonly<Record<string, 'text' | 'flag'>>,
  param: string,
  value: string | true,
): string | undefined {
  const kind = Object.hasOwn(known, param) ? known[param] : undefined;
  if (!kind) return `${driver} has no parameter ${say(param)}; it has ${names(known)}`;
  if (kind === 'flag')
    return value === true ? undefined : `${driver} ${param} is a flag; write it without a value`;
  return value === true || !value ? `${driver} ${param} has no value; write ${param}=value` : undefined;
}

const faults = ({ line }: WrittenDriver, messages: readonly string[]): SessionConfigError =>
  new SessionConfigError(
    messages.map((message) => ({
      path: `directives line ${line}`,
      message: `SessionCryptoDriver ${message}`,
    })),
  );

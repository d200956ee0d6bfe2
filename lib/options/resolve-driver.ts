import { DRIVER_ROWS } from '../crypto/drivers/driver-rows.js';
import type { Awaitable } from '../crypto/awaitable.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { DriverParams, DriverRow } from '../crypto/drivers/driver-row.interface.js';
import { codeOf } from '../errors/session-store.error.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import { readDriverParams } from './driver-params.js';
import { meantHint } from '../errors/nearest-name.js';
import type { OptionReader } from './option-reader.js';
import type { DriverClass } from './crypto-options.interface.js';

/** The driver that the options choose. It is opened later, when the module starts. */
export interface DriverChoice {
  /** The driver's name, for messages. */
  readonly name: string;
  /** Name and parameters, without secrets, for the audit. */
  readonly description: string;
  /** True for a driver of this package, that is, one that `crypto.driver` chooses by name. */
  readonly builtIn: boolean;
  /** Ciphers of the native format; `undefined` if they are not known before the driver is open. */
  readonly ciphers: readonly string[] | undefined;
  /** Ciphers of the Apache format; `undefined` if they are not known before the driver is open. */
  readonly cbcCiphers: readonly string[] | undefined;
  /** Opens the driver. Rejects with a SessionConfigError. */
  open(container: DriverContainer): Promise<OpenedDriver>;
}

/** An open driver. */
export interface OpenedDriver {
  readonly driver: CryptoDriver;
  /** Closes the driver if this package made it; does nothing if the application owns it. */
  close(): Promise<void>;
}

/** Finds and makes what the application provides under a class or a symbol. */
export interface DriverContainer {
  /** Returns the provider under a token, or `undefined` if there is none. */
  find(token: symbol | DriverClass): Promise<unknown>;
  /** Makes a new instance with its dependencies. */
  make(driver: DriverClass): Awaitable<unknown>;
}

const PATH = 'crypto.driver';
const CONTRACT = 'an object with the methods of CryptoDriver';
const isMethod = (value: unknown): boolean => typeof value === 'function';

/** The members that every driver has. */
const MEMBERS: readonly [member: keyof CryptoDriver, fits: (value: unknown) => boolean][] = [
  ['name', (value) => typeof value === 'string'],
  ['ciphers', Array.isArray],
  ['importKey', isMethod],
  ['expand', isMethod],
  ['seal', isMethod],
  ['open', isMethod],
];
const NAMES = DRIVER_ROWS.map(({ name }) => name);

/** Reads `crypto.driver` and `crypto.driverParams`, and opens nothing. `format` is `cbc` if a foreign format
 *  seals sessions with the driver's CBC ciphers. */
export function resolveDriver(reader: OptionReader, format: 'native' | 'cbc'): DriverChoice {
  const given = reader.take('driver');
  const option = given === undefined ? 'openssl' : given;
  const params = reader.take('driverParams');
  const row = DRIVER_ROWS.find(({ name }) => name === option);
  if (row) return namedDriver(row, readDriverParams(reader, row, params, format));
  const choice = ownDriver(option);
  if (!choice) reader.addFault('driver', unknownDriver(option));
  if (choice && params !== undefined)
    reader.addFault(
      'driverParams',
      'is only for a driver that crypto.driver chooses by name; pass the parameters where you create your own driver',
    );
  return choice ?? namedDriver(DRIVER_ROWS[0]!, {});
}

/** Returns the choice of a driver that the application made or provides; `undefined` if the option is none. */
function ownDriver(option: unknown): DriverChoice | undefined {
  if (typeof option === 'symbol') return injectedDriver(option, String(option));
  if (isClass(option)) return injectedDriver(option, `the class ${option.name || 'without a name'}`);
  return isDriver(option) ? instanceOf(option) : undefined;
}

function unknownDriver(option: unknown): string {
  const found = typeof option === 'string' ? JSON.stringify(option.slice(0, 40)) : kindOf(option);
  const hint = meantHint(option, NAMES) || lackHint(option);
  return `${found} is unknown; there are ${NAMES.join(', ')}, or ${CONTRACT}${hint}`;
}

function namedDriver(row: DriverRow, params: DriverParams): DriverChoice {
  const { name, ciphers, cbcCiphers } = row;
  const open = async () => {
    const driver = await row.open(params, PATH);
    return { driver, close: async () => driver.close?.() };
  };
  return Object.freeze({
    name,
    description: describeDriver(name, params),
    builtIn: true,
    ciphers,
    cbcCiphers,
    open: () => orConfigError(`"${name}"`, open),
  });
}

const describeDriver = (name: string, params: DriverParams): string =>
  [name, ...Object.entries(params).map(([param, value]) => describeParam(param, value))].join(' ');

/** An object is the source of a secret, so it shows as `…`. */
function describeParam(name: string, value: DriverParams[string]): string {
  if (value === true) return name;
  return `${name}=${typeof value === 'object' ? '…' : value}`;
}

function instanceOf(driver: CryptoDriver): DriverChoice {
  const { name, ciphers, cbc } = driver;
  const description = `an instance of "${name}"`;
  const cbcCiphers = cbc?.ciphers ?? [];
  const open = () => Promise.resolve({ driver, close: () => Promise.resolve() });
  return Object.freeze({ name, description, builtIn: false, ciphers, cbcCiphers, open });
}

function injectedDriver(token: symbol | DriverClass, description: string): DriverChoice {
  const open = async (container: DriverContainer): Promise<OpenedDriver> => {
    const found = await container.find(token);
    const made = found === undefined && typeof token === 'function' ? await container.make(token) : undefined;
    const driver = found ?? made;
    if (!isDriver(driver)) throw driverError(notDriver(description, driver));
    return { driver, close: async () => (made === undefined ? undefined : driver.close?.()) };
  };
  return Object.freeze({
    name: description,
    description,
    builtIn: false,
    ciphers: undefined,
    cbcCiphers: undefined,
    open: (container: DriverContainer) => orConfigError(description, () => open(container)),
  });
}

const notDriver = (description: string, found: unknown): string =>
  found === undefined
    ? `${description} has no provider that the module can see; export one from a global module, or from a module in the imports of forRootAsync()`
    : `${description} gives ${kindOf(found)}; needed is ${CONTRACT}${lackHint(found)}`;

/** Turns every error that is not ours into a SessionConfigError. The message of a foreign error could contain a PIN or a
 *  key, so only its code is shown. */
function orConfigError(description: string, open: () => Promise<OpenedDriver>): Promise<OpenedDriver> {
  return open().catch((error: unknown) => {
    if (error instanceof SessionCryptoError) throw error;
    throw driverError(`${description} cannot be opened (${codeOf(error)})`);
  });
}

const driverError = (message: string) => new SessionConfigError([{ path: PATH, message }]);

const isClass = (option: unknown): option is DriverClass =>
  typeof option === 'function' && typeof option.prototype === 'object';

const isDriver = (option: unknown): option is CryptoDriver =>
  typeof option === 'object' && option !== null && missingMembers(option).length === 0;

const missingMembers = (driver: Partial<CryptoDriver>): string[] =>
  MEMBERS.filter(([member, fits]) => !fits(driver[member])).map(([member]) => member);

/** Returns the end of a message that lists the members that an object lacks to be a driver; empty for no object. */
const lackHint = (found: unknown): string =>
  typeof found === 'object' && found !== null && !Array.isArray(found)
    ? `; this one lacks ${missingMembers(found).join(', ')}`
    : '';

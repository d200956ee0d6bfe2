import { DRIVER_ROWS } from '../crypto/drivers/driver-rows.js';
import type { Awaitable } from '../crypto/awaitable.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { DriverParams, DriverRow } from '../crypto/drivers/driver-row.interface.js';
import { codeOf } from '../errors/session-store.error.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import { readDriverParams } from './driver-params.js';
import { nearestName } from './nearest-name.js';
import type { OptionReader } from './option-reader.js';
import type { DriverClass } from './options.interface.js';

/** The driver that was chosen, which nobody has opened yet. */
export interface DriverChoice {
  /** For messages. */
  readonly name: string;
  /** Name and parameters, without secrets. */
  readonly said: string;
  /** Whether it is one of ours, that is, one that `crypto.driver` names. */
  readonly ours: boolean;
  /** Ciphers of our own form; `undefined`: not known before it is open. */
  readonly ciphers: readonly string[] | undefined;
  /** Ciphers of the Apache format; `undefined`: not known before it is open. */
  readonly cbcCiphers: readonly string[] | undefined;
  /** Rejects with a SessionConfigError. */
  open(container: DriverContainer): Promise<OpenedDriver>;
}

export interface OpenedDriver {
  readonly driver: CryptoDriver;
  /** Closes the driver, unless somebody else made it. */
  close(): Promise<void>;
}

/** Where classes and tokens lead to. */
export interface DriverContainer {
  /** What is provided under a token; `undefined` when nothing is. */
  find(token: symbol | DriverClass): Promise<unknown>;
  /** A new instance. */
  make(driver: DriverClass): Awaitable<unknown>;
}

const PATH = 'crypto.driver';
const CONTRACT = 'an object with the methods of CryptoDriver';
const isMethod = (value: unknown): boolean => typeof value === 'function';

/** What every driver has. */
const MEMBERS: readonly [member: keyof CryptoDriver, fits: (value: unknown) => boolean][] = [
  ['name', (value) => typeof value === 'string'],
  ['ciphers', Array.isArray],
  ['importKey', isMethod],
  ['expand', isMethod],
  ['seal', isMethod],
  ['open', isMethod],
];
const NAMES = DRIVER_ROWS.map(({ name }) => name);

/** Who does the cryptography; opens nothing. `form`: whether sessions are sealed in our own form, or by CBC. */
export function resolveDriver(reader: OptionReader, form: 'native' | 'cbc'): DriverChoice {
  const said = reader.take('driver');
  const option = said === undefined ? 'openssl' : said;
  const params = reader.take('driverParams');
  const row = DRIVER_ROWS.find(({ name }) => name === option);
  if (row) return named(row, readDriverParams(reader, row, params, form));
  const choice = provided(option);
  if (!choice) reader.addFault('driver', unknown(option));
  if (choice && params !== undefined)
    reader.addFault('driverParams', 'are for drivers that are named; give them to your own where it is made');
  return choice ?? named(DRIVER_ROWS[0]!, {});
}

/** A driver of the application's own. */
function provided(option: unknown): DriverChoice | undefined {
  if (typeof option === 'symbol') return injected(option, String(option));
  if (isClass(option)) return injected(option, `the class ${option.name || 'without a name'}`);
  return isDriver(option) ? instance(option) : undefined;
}

function unknown(option: unknown): string {
  const said = typeof option === 'string' ? JSON.stringify(option.slice(0, 40)) : kindOf(option);
  const nearest = typeof option === 'string' ? nearestName(option.slice(0, 40), NAMES) : undefined;
  const hint = nearest ? `; is "${nearest}" meant?` : lackOf(option);
  return `${said} is unknown; there are ${NAMES.join(', ')}, or ${CONTRACT}${hint}`;
}

function named(row: DriverRow, params: DriverParams): DriverChoice {
  const { name, ciphers, cbcCiphers } = row;
  const open = async () => {
    const driver = await row.open(params, PATH);
    return { driver, close: async () => driver.close?.() };
  };
  return Object.freeze({
    name,
    said: saidOf(name, params),
    ours: true,
    ciphers,
    cbcCiphers,
    open: () => failing(`"${name}"`, open),
  });
}

const saidOf = (name: string, params: DriverParams): string =>
  [name, ...Object.entries(params).map(([param, value]) => saidParam(param, value))].join(' ');

function saidParam(name: string, value: DriverParams[string]): string {
  if (value === true) return name;
  return `${name}=${typeof value === 'object' ? '…' : value}`;
}

function instance(driver: CryptoDriver): DriverChoice {
  const { name, ciphers, cbc } = driver;
  const cbcCiphers = cbc?.ciphers ?? [];
  const open = () => Promise.resolve({ driver, close: () => Promise.resolve() });
  return Object.freeze({ name, said: `an instance of "${name}"`, ours: false, ciphers, cbcCiphers, open });
}

function injected(token: symbol | DriverClass, said: string): DriverChoice {
  const open = async (container: DriverContainer): Promise<OpenedDriver> => {
    const found = await container.find(token);
    const made = found === undefined && typeof token === 'function' ? await container.make(token) : undefined;
    const driver = found ?? made;
    if (!isDriver(driver)) throw fault(notDriver(said, driver));
    return { driver, close: async () => (made === undefined ? undefined : driver.close?.()) };
  };
  return Object.freeze({
    name: said,
    said,
    ours: false,
    ciphers: undefined,
    cbcCiphers: undefined,
    open: (container: DriverContainer) => failing(said, () => open(container)),
  });
}

const notDriver = (said: string, found: unknown): string =>
  found === undefined
    ? `nothing is provided under ${said} where the module sees it; export it from a global module, or from one in imports of forRootAsync()`
    : `${said} gives ${kindOf(found)}; needed is ${CONTRACT}${lackOf(found)}`;

/** A message of somebody else's may hold anything, so only its kind is told. */
function failing(said: string, open: () => Promise<OpenedDriver>): Promise<OpenedDriver> {
  return open().catch((error: unknown) => {
    if (error instanceof SessionCryptoError) throw error;
    throw fault(`${said} cannot be opened (${codeOf(error)})`);
  });
}

const fault = (message: string) => new SessionConfigError([{ path: PATH, message }]);

const isClass = (option: unknown): option is DriverClass =>
  typeof option === 'function' && typeof option.prototype === 'object';

const isDriver = (option: unknown): option is CryptoDriver =>
  typeof option === 'object' && option !== null && missingOf(option).length === 0;

const missingOf = (driver: Partial<CryptoDriver>): string[] =>
  MEMBERS.filter(([member, fits]) => !fits(driver[member])).map(([member]) => member);

/** What an object that was meant as a driver still needs, for the end of a message. */
const lackOf = (found: unknown): string =>
  typeof found === 'object' && found !== null && !Array.isArray(found)
    ? `; this one lacks ${missingOf(found).join(', ')}`
    : '';

import { keySource } from '../crypto/key-sources/key-source.js';
import type { DriverParam, DriverParams, DriverRow } from '../crypto/drivers/driver-row.interface.js';
import type { KeySource, SecretOption } from '../crypto/key-source.interface.js';
import { prefixMistake, REFERENCES } from '../crypto/mistaken-secret.js';
import { ownCopy, type SecretRule } from '../crypto/secret.js';
import { kindOf } from '../errors/session-config.error.js';
import { meantHint } from '../errors/nearest-name.js';
import type { OptionReader } from './option-reader.js';

/** Reads a PIN, which may have any length. No prefix except `exec:` and `file:` has a meaning. */
const readPin: SecretRule['text'] = (text) =>
  text.length
    ? { kind: 'passphrase', bytes: ownCopy(text) }
    : 'is empty; is the environment variable set? Leave the parameter out if the driver needs none';

/** A reference that is not read as one would be offered to the token as its PIN, and use up a try. */
const readPinText: SecretRule['text'] = (text) =>
  prefixMistake(Buffer.from(text.buffer, text.byteOffset, text.byteLength), REFERENCES) ?? readPin(text);

const DRIVER_SECRETS: SecretRule = {
  text: readPinText,
  bytes: readPin,
  passphrase: readPin,
  allowed:
    'allowed are text, bytes, { passphrase }, { exec: [program, …] }, "exec:program …", { file }, "file:name" or a function',
};

type Value = DriverParams[string];

/** Checks one parameter. Returns its value, which is `undefined` for a flag that is not set, or the text of a fault. */
type ReadParam = (value: unknown, path: string) => { readonly value: Value | undefined } | string;

const MAX_TEXT = 4096;
/** Texts are names and paths, which messages and the audit show, so they must not contain a line break. */
const CONTROL = /\p{Cc}/u;
const READERS: Readonly<Record<DriverParam['kind'], ReadParam>> = {
  text: (value) =>
    typeof value === 'string' && value && value.length <= MAX_TEXT && !CONTROL.test(value)
      ? { value }
      : `is ${kindOf(value)}; allowed is a text without control characters`,
  flag: (value) =>
    typeof value === 'boolean'
      ? { value: value || undefined }
      : `is ${kindOf(value)}; it is a flag: allowed are true and false`,
  integer: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 0
      ? { value: value as number }
      : `is ${typeof value === 'number' ? value : kindOf(value)}; allowed is a whole number from 0`,
  secret: (value, path) => {
    const source: KeySource | string = keySource(path, value as SecretOption, DRIVER_SECRETS);
    return typeof source === 'string' ? source : { value: source };
  },
};

/** Returns the checked parameters of the driver `row`, frozen, and adds every fault. A parameter that is `undefined`
 *  counts as not set, except a secret: there it is probably a missing environment variable, so it is a fault. `format` is
 *  `cbc` if a foreign format seals sessions with the driver's CBC ciphers. */
export function readDriverParams(
  reader: OptionReader,
  row: DriverRow,
  given: unknown,
  format: 'native' | 'cbc',
): DriverParams {
  const members = membersOf(reader, given);
  const params: Record<string, Value> = {};
  for (const [name, value] of Object.entries(members)) {
    const read = readParam(reader, row, name, value);
    if (read !== undefined) params[name] = read;
  }
  const hasFault = (param: string) => params[param] === undefined && members[param] !== undefined;
  for (const { param, message } of row.check?.(params, format) ?? [])
    if (!hasFault(param)) reader.addFault(`driverParams.${param}`, message);
  return Object.freeze(params);
}

function membersOf(reader: OptionReader, given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined) return {};
  if (typeof given === 'object' && given !== null && !(Symbol.iterator in given)) return { ...given };
  reader.addFault('driverParams', `is ${kindOf(given)}; allowed is an object`);
  return {};
}

function readParam(reader: OptionReader, row: DriverRow, name: string, value: unknown): Value | undefined {
  const key = `driverParams.${name}`;
  const param = row.params.find((one) => one.name === name);
  if (!param) return void reader.addFault(key, unknownParam(row, name));
  if (value === undefined) {
    if (param.kind === 'secret') reader.addFault(key, 'is undefined; is the environment variable set?');
    return undefined;
  }
  const read = READERS[param.kind](value, reader.pathOf(key));
  if (typeof read !== 'string') return read.value;
  return void reader.addMemberFault(key, `${read} (${param.meaning})`);
}

function unknownParam({ name: driver, params }: DriverRow, name: string): string {
  const names = params.map((one) => one.name);
  if (!names.length) return `is unknown to driver "${driver}", which has no parameters`;
  return `is unknown to driver "${driver}"; it has ${names.join(', ')}${meantHint(name, names)}`;
}

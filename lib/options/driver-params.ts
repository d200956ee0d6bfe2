import { keySource } from '../crypto/key-sources/key-source.js';
import type { DriverParam, DriverParams, DriverRow } from '../crypto/drivers/driver-row.interface.js';
import type { KeySource, SecretOption } from '../crypto/key-source.interface.js';
import { ownCopy, type SecretRule } from '../crypto/secret.js';
import { kindOf } from '../errors/session-config.error.js';
import { nearestName } from './nearest-name.js';
import { OptionReader } from './option-reader.js';

/** A PIN may be of any length; no prefix but `exec:` and `file:` has a meaning. */
const readPin: SecretRule['text'] = (text) =>
  text.length
    ? { kind: 'passphrase', bytes: ownCopy(text) }
    : 'is empty; is the environment variable set? Leave it out where none is needed';

const DRIVER_SECRETS: SecretRule = {
  text: readPin,
  bytes: readPin,
  passphrase: readPin,
  allowed:
    'allowed are text, bytes, { passphrase }, { exec: [program, …] }, "exec:program …", { file }, "file:name" or a function',
};

type Value = DriverParams[string];

/** What a value is, `undefined` for a flag that is not set; or what is wrong with it. */
type Read = (value: unknown, path: string) => { readonly value: Value | undefined } | string;

const MAX_TEXT = 4096;
/** Such texts are names and paths, which messages and the audit show as they are. */
const CONTROL = /\p{Cc}/u;
const FORMS: Readonly<Record<DriverParam['kind'], Read>> = {
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

/** The parameters of a driver, checked; every fault is noted. `undefined` counts as not said, but for a secret. */
export function readDriverParams(
  reader: OptionReader,
  row: DriverRow,
  given: unknown,
  form: 'native' | 'cbc',
): DriverParams {
  const members = membersOf(reader, given);
  const params: Record<string, Value> = {};
  for (const [name, value] of Object.entries(members)) {
    const read = readParam(reader, row, name, value);
    if (read !== undefined) params[name] = read;
  }
  const isNoted = (param: string) => params[param] === undefined && members[param] !== undefined;
  for (const { param, message } of row.check?.(params, form) ?? [])
    if (!isNoted(param)) reader.addFault(`driverParams.${param}`, message);
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
  const read = FORMS[param.kind](value, reader.pathOf(key));
  if (typeof read !== 'string') return read.value;
  return void reader.addMemberFault(key, `${read} (${param.meaning})`);
}

function unknownParam({ name: driver, params }: DriverRow, name: string): string {
  const names = params.map((one) => one.name);
  if (!names.length) return `is unknown to driver "${driver}", which has no parameters`;
  const nearest = nearestName(name, names);
  return `is unknown to driver "${driver}"; it has ${names.join(', ')}${nearest ? `; is "${nearest}" meant?` : ''}`;
}

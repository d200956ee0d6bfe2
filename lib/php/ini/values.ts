import { readDomain, readName, readPath, readSameSite } from './cookie-values.js';
import type { Entry } from './entry.interface.js';
import type { SettingType, SettingValues } from './setting-values.interface.js';
import { say, type Notes } from './notes.js';
import { readDecimal, readDigits, readFlag, readFrequency, readQuantity } from './number-values.js';
import { oneOf, refuse, type Read } from './reading.js';
import { readSavePath } from './save-path.js';
import type { PhpSetting } from './settings-table.js';

const SERIALIZERS = ['php', 'php_serialize', 'php_binary'] as const;
const LIMITERS = ['nocache', 'private', 'private_no_expire', 'public', 'none'] as const;
const TAG = /^([A-Za-z][\w:-]*)=([A-Za-z][A-Za-z-]*)?$/;

const limiter: Read<SettingValues['limiter']> = (entry, notes) =>
  entry.text === '' ? 'none' : oneOf(LIMITERS, entry, notes);

const separator: Read<string> = (entry, notes) =>
  entry.text || refuse(entry, notes, 'any text that is not empty');

const handler: Read<SettingValues['handler']> = ({ name, text, shown, place }, notes) => {
  const handler = text.toLowerCase();
  if (handler === 'files') return handler;
  if (handler !== 'redis')
    return void notes.fault(
      place,
      `${name} is ${say(shown)}; allowed is files. For any other place pass a store in the option store`,
    );
  notes.finding(place, `${name} is redis, which is not offered yet; pass a store in the option store`);
  return handler;
};

const tags: Read<SettingValues['tags']> = (entry, notes) => {
  const pairs = listOf(entry.text).map((one) => TAG.exec(one));
  if (pairs.includes(null))
    return refuse(entry, notes, 'tag=attribute, with commas and without blanks; PHP ignores anything else');
  return new Map(pairs.toReversed().map((one) => [one![1]!.toLowerCase(), one![2] ?? ''])); // the first of a tag counts
};

const hosts: Read<readonly string[]> = (entry, notes) => {
  const names = listOf(entry.text.toLowerCase());
  return names.every((one) => /^[a-z0-9_.-]+$/.test(one))
    ? Object.freeze(names)
    : refuse(entry, notes, 'names of hosts, with commas and without blanks and ports');
};

const listOf = (text: string) => (text === '' ? [] : text.split(','));

const READERS: { readonly [T in SettingType]: Read<SettingValues[T]> } = {
  flag: readFlag,
  quantity: readQuantity,
  digits: readDigits,
  decimal: readDecimal,
  frequency: readFrequency,
  text: ({ text }) => text,
  separator,
  name: readName,
  path: readPath,
  domain: readDomain,
  sameSite: readSameSite,
  handler,
  savePath: readSavePath,
  serializer: (entry, notes) => oneOf(SERIALIZERS, entry, notes),
  limiter,
  tags,
  hosts,
};

/** The value of a setting, read as its row says. */
export function readValue(entry: Entry, notes: Notes, row: PhpSetting): unknown {
  return READERS[row.type](entry, notes, row);
}

import { readDomain, readName, readPath, readSameSite } from './cookie-values.js';
import { readDecimal, readDigits, readFlag, readFrequency, readQuantity } from './number-values.js';
import { readSavePath } from './save-path.js';
import type { SettingType, SettingValues } from './setting-values.interface.js';
import type { Read, SettingText } from './setting-text.js';

const SERIALIZERS = ['php', 'php_serialize', 'php_binary'] as const;
const LIMITERS = ['nocache', 'private', 'private_no_expire', 'public', 'none'] as const;
/** `tag=attribute`, or `tag=` for a hidden field. */
const TAG = /^([A-Za-z][\w:-]*)=([A-Za-z][A-Za-z-]*)?$/;

/** Reads the cache limiter. PHP sends no headers for an empty text or an unknown name; only the first is accepted. */
const readLimiter: Read<SettingValues['limiter']> = (setting) =>
  setting.text === '' ? 'none' : setting.oneOf(LIMITERS, ', or nothing');

/** Reads the separator of URL parameters. */
const readSeparator: Read<string> = (setting) =>
  setting.text ||
  setting.refuse({
    inPhp: 'which PHP refuses',
    allowed: 'any text that is not empty',
    write: setting.line('"&"'),
  });

/** Reads the handler. Handlers of PHP's extensions have other stores here, which the option `store` sets. */
const readHandler: Read<SettingValues['handler']> = (setting) => {
  const handler = setting.text.toLowerCase();
  if (handler === 'files' || handler === 'redis') return handler;
  return setting.refuse({
    allowed: 'files, redis',
    write: `${setting.line('files')}, or remove the line and set the option store`,
  });
};

/** Reads the tags whose attributes get the id. If a tag comes twice, the first one counts, as in PHP. */
const readTags: Read<SettingValues['tags']> = (setting) => {
  const pairs = listOf(setting.text).map((one) => TAG.exec(one));
  if (pairs.includes(null))
    return setting.refuse({
      inPhp: 'of which PHP ignores a part',
      allowed: 'tag=attribute, separated by commas, without blanks',
      write: `for example ${setting.line('"a=href,form="')}`,
    });
  return new Map(pairs.toReversed().map((one) => [one![1]!.toLowerCase(), one![2] ?? '']));
};

/** Reads the names of hosts. */
const readHosts: Read<readonly string[]> = (setting) => {
  const names = listOf(setting.text.toLowerCase());
  return names.every((one) => /^[a-z0-9_.-]+$/.test(one))
    ? Object.freeze(names)
    : setting.refuse({
        allowed: 'names of hosts, separated by commas, without blanks and ports',
        write: `for example ${setting.line('"shop.example,www.shop.example"')}`,
      });
};

const listOf = (text: string) => (text === '' ? [] : text.split(','));

/** The reader of each type. A new type needs an entry here and in SettingValues. */
const READERS: { readonly [T in SettingType]: Read<SettingValues[T]> } = {
  flag: readFlag,
  quantity: readQuantity,
  digits: readDigits,
  decimal: readDecimal,
  frequency: readFrequency,
  text: ({ text }) => text,
  separator: readSeparator,
  name: readName,
  path: readPath,
  domain: readDomain,
  sameSite: readSameSite,
  handler: readHandler,
  savePath: readSavePath,
  serializer: (setting) => setting.oneOf(SERIALIZERS),
  limiter: readLimiter,
  tags: readTags,
  hosts: readHosts,
};

/** Reads the value of a setting by the type in its row. Returns `undefined` after it has added a fault. */
export function readValue(setting: SettingText): unknown {
  return READERS[setting.row.type](setting);
}

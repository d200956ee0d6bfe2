import { originOf } from '../http/referer.js';
import type { IdSource } from '../http/id-sources.js';
import type { TransSidRules } from '../http/trans-sid/page-id.interface.js';
import type { OptionReader } from './option-reader.js';

/** @see PHP `session.trans_sid_tags` */
const DEFAULT_TAGS: Readonly<Record<string, string>> = { a: 'href', area: 'href', frame: 'src', form: '' };

const TAG = /^[a-z][a-z0-9:-]*$/;
const ATTRIBUTE = /^(?:[a-z][a-z0-9:-]*)?$/;
/** What holds more than one address, or none: an id at its end could come to another host. */
const NO_ADDRESS = /^(?:(?:image)?srcset|ping|archive|content|style|srcdoc|referrerpolicy|on.*)$/;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** What of the pages of visitors without cookies is rewritten; `undefined` where nothing is. */
export function readTransSid(
  reader: OptionReader,
  sources: readonly IdSource[],
  onServer: boolean,
): TransSidRules | undefined {
  const given = reader.take('transSid');
  if (given === undefined || given === false) return undefined;
  if (!onServer)
    reader.addFault(
      'transSid',
      'is on, and the store is cookieStore(): the whole session would stand in every link; use a store on the server',
    );
  else if (!sources.includes('query'))
    reader.addFault(
      'transSid',
      'puts ids into links, and id.sources does not take them from there; add "query"',
    );
  return given === true ? transSidOf() : readGroup(reader.sub('transSid'));
}

function readGroup(reader: OptionReader): TransSidRules {
  const origin = readOrigin(reader);
  const options = transSidOf(readTags(reader), readHosts(reader), origin);
  reader.end();
  return options;
}

const transSidOf = (
  tags: Readonly<Record<string, string>> = DEFAULT_TAGS,
  hosts: readonly string[] = [],
  origin?: string,
): TransSidRules => ({ tags: new Map(Object.entries(tags)), hosts, origin });

function readTags(reader: OptionReader): Readonly<Record<string, string>> {
  const given = reader.take('tags') ?? DEFAULT_TAGS;
  const entries = typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : undefined;
  if (!entries) reader.addValueFault('tags', given, 'an object such as { a: "href", form: "" }');
  const tags = (entries ?? []).map(([tag, attribute]: [string, unknown]) => {
    if (!TAG.test(tag.toLowerCase()) || typeof attribute !== 'string' || !isAddress(attribute.toLowerCase()))
      reader.addValueFault(
        `tags.${tag}`,
        attribute,
        'the name of an attribute that holds one address, or "" for the field of a form',
      );
    return [tag.toLowerCase(), String(attribute).toLowerCase()];
  });
  return Object.fromEntries(tags) as Record<string, string>;
}

const isAddress = (attribute: string): boolean => ATTRIBUTE.test(attribute) && !NO_ADDRESS.test(attribute);

function readHosts(reader: OptionReader): readonly string[] {
  return reader.list('hosts', 'names of hosts').map((host, i) => {
    const name = typeof host === 'string' ? host.toLowerCase() : '';
    if (!HOST.test(name))
      reader.addValueFault(
        `hosts[${i}]`,
        host,
        'the name of a host such as "shop.example", without a scheme',
      );
    return name;
  });
}

function readOrigin(reader: OptionReader): string | undefined {
  const origin = reader.take('origin');
  if (origin === undefined) return undefined;
  if (typeof origin === 'string' && originOf(origin) === origin && /^https?:/.test(origin)) return origin;
  reader.addValueFault('origin', origin, 'scheme, host and port such as "https://shop.example"');
  return undefined;
}

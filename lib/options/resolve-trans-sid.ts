import { originOf } from '../http/referer.js';
import type { IdSource } from '../http/id-sources.js';
import type { TransSidRules } from '../http/trans-sid/page-id.interface.js';
import type { OptionReader } from './option-reader.js';

/** @see PHP `session.trans_sid_tags` */
const DEFAULT_TAGS: Readonly<Record<string, string>> = { a: 'href', area: 'href', frame: 'src', form: '' };

const TAG = /^[a-z][a-z0-9:-]*$/;
const ATTRIBUTE = /^(?:[a-z][a-z0-9:-]*)?$/;
/** Attributes that hold several URLs or none. An id at the end of such a text could reach another host. */
const NOT_ONE_URL = /^(?:(?:image)?srcset|ping|archive|content|style|srcdoc|referrerpolicy|on.*)$/;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** Reads `id.transSid`: the parts of a page that get the id of a visitor without cookies. Returns `undefined` if the
 *  option is off. It needs the source `query`, and a server store, whose ids are short references. */
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
      'is on, and with cookieStore() every link would contain the whole session; use a server store such as typeOrmStore()',
    );
  else if (!sources.includes('query'))
    reader.addFault(
      'transSid',
      'writes ids into links, but id.sources does not read them from there; add "query" to id.sources',
    );
  return given === true ? transSidRules() : readGroup(reader.sub('transSid'));
}

function readGroup(reader: OptionReader): TransSidRules {
  const origin = readOrigin(reader);
  const rules = transSidRules(readTags(reader), readHosts(reader), origin);
  reader.end();
  return rules;
}

const transSidRules = (
  tags: Readonly<Record<string, string>> = DEFAULT_TAGS,
  hosts: readonly string[] = [],
  origin?: string,
): TransSidRules => ({ tags: new Map(Object.entries(tags)), hosts, origin });

function readTags(reader: OptionReader): Readonly<Record<string, string>> {
  const given = reader.take('tags') ?? DEFAULT_TAGS;
  const entries = typeof given === 'object' && !Array.isArray(given) ? Object.entries(given) : undefined;
  if (!entries) reader.addValueFault('tags', given, 'an object such as { a: "href", form: "" }');
  const tags = (entries ?? []).map(([tag, attribute]: [string, unknown]) => {
    if (!TAG.test(tag.toLowerCase()) || typeof attribute !== 'string' || !isUrl(attribute.toLowerCase()))
      reader.addValueFault(
        `tags.${tag}`,
        attribute,
        'the name of an attribute that holds one URL, or "" for the hidden field of a form',
      );
    return [tag.toLowerCase(), String(attribute).toLowerCase()];
  });
  return Object.fromEntries(tags) as Record<string, string>;
}

const isUrl = (attribute: string): boolean => ATTRIBUTE.test(attribute) && !NOT_ONE_URL.test(attribute);

function readHosts(reader: OptionReader): readonly string[] {
  return reader.list('hosts', 'host names').map((host, i) => {
    const name = typeof host === 'string' ? host.toLowerCase() : '';
    if (!HOST.test(name))
      reader.addValueFault(`hosts[${i}]`, host, 'a host name such as "shop.example", without a scheme');
    return name;
  });
}

function readOrigin(reader: OptionReader): string | undefined {
  const origin = reader.take('origin');
  if (origin === undefined) return undefined;
  if (typeof origin === 'string' && originOf(origin) === origin && /^https?:/.test(origin)) return origin;
  reader.addValueFault('origin', origin, 'an origin: scheme, host and port, such as "https://shop.example"');
  return undefined;
}

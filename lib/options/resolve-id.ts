import { HTTP_TOKEN } from '../http/cookie-syntax.js';
import { ID_SOURCES, type IdSource, type IdSourceOptions } from '../http/id-sources.js';
import { namedOrigin, originOf, type RefererCheck } from '../http/referer.js';
import type { PhpIdFormat } from '../persistence/foreign-store.interface.js';
import { meantHint } from '../errors/nearest-name.js';
import type { OptionReader } from './option-reader.js';
import { readTransSid } from './resolve-trans-sid.js';

/** The least random bits of a session id that nobody can guess. */
const MIN_ID_BITS = 128;
const PARAMETER = /^[A-Za-z0-9_-]{1,128}$/;

/** Reads the group `id`. `parameter` is the default of `id.parameter`. `onServer` is true if a server store keeps
 *  the sessions: only then is an id a short reference that may travel outside of a cookie. */
export function resolveId(
  reader: OptionReader,
  parameter: string,
  onServer: boolean,
): IdSourceOptions & PhpIdFormat {
  const sources = readSources(reader);
  const options: IdSourceOptions & PhpIdFormat = {
    sources,
    header: reader.text('header', 'x-session-id', HTTP_TOKEN, 'the name of a header').toLowerCase(),
    parameter: reader.text('parameter', parameter, PARAMETER, 'a name of letters, digits, - and _'),
    referer: readReferer(reader),
    transSid: readTransSid(reader, sources, onServer),
    ...readPhpIdFormat(reader),
  };
  reader.end();
  checkSources(reader, options, onServer);
  return options;
}

function checkSources(reader: OptionReader, { sources, transSid }: IdSourceOptions, onServer: boolean): void {
  if (!transSid && !sources.includes('cookie') && !sources.includes('header'))
    reader.addFault(
      'sources',
      'contains neither "cookie" nor "header", so no response could return a new id; add one of them, or set id.transSid',
    );
  if (!onServer && sources.some((source) => source !== 'cookie'))
    reader.addFault(
      'sources',
      'contains more than "cookie", and with cookieStore() the id would be the whole session; use a server store such as typeOrmStore()',
    );
}

function readPhpIdFormat(reader: OptionReader): PhpIdFormat {
  const length = reader.integer('length', 48, 'characters', [22, 256]);
  const bitsPerCharacter = reader.integer(
    'bitsPerCharacter',
    6,
    'bits',
    [4, 6],
  ) as PhpIdFormat['bitsPerCharacter'];
  const bits = length * bitsPerCharacter;
  if (bits < MIN_ID_BITS)
    reader.addFault(
      'length',
      `is ${length}, and with ${bitsPerCharacter} bits per character an id has ${bits} bits; at least ${MIN_ID_BITS} bits are needed: set ${Math.ceil(MIN_ID_BITS / bitsPerCharacter)} or more`,
    );
  return { length, bitsPerCharacter };
}

function readSources(reader: OptionReader): readonly IdSource[] {
  const given = reader.take('sources') ?? ['cookie'];
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  const wrong = list.find((one) => !ID_SOURCES.includes(one as IdSource));
  if (list.length && wrong === undefined) return ID_SOURCES.filter((one) => list.includes(one));
  const allowed = `a list of ${ID_SOURCES.map((one) => `"${one}"`).join(', ')}, at least one`;
  reader.addValueFault('sources', given, `${allowed}${meantHint(wrong, ID_SOURCES)}`);
  return ['cookie'];
}

function readReferer(reader: OptionReader): RefererCheck | undefined {
  if (reader.take('refererCheck') === undefined) return undefined;
  const check = reader.sub('refererCheck');
  const match = check.choice('match', 'origin', ['origin', 'substring'] as const);
  const origins = check.list('origins', 'origins such as "https://shop.example"') as readonly string[];
  const missing = check.choice('missing', 'pass', ['pass', 'refuse'] as const);
  check.end();
  if (!origins.length) check.addFault('origins', 'is an empty list; at least one origin is needed');
  const named = origins.map((one) => (typeof one === 'string' ? namedOrigin(one) : undefined));
  origins.forEach((origin, i) => {
    const isRight = match === 'origin' ? originOf(String(origin)) === origin : isSearchable(origin);
    const hint = named[i] === undefined ? '' : `; is "${named[i]}" meant?`;
    if (!isRight)
      check.addValueFault(
        `origins[${i}]`,
        origin,
        `an origin: scheme, host and port, such as "https://shop.example"${hint}`,
      );
  });
  if (match === 'origin' || !origins.length) return { origins, match, missing };
  const isOrigins = named.every((one) => one !== undefined);
  return { origins: named.map((one, i) => one ?? origins[i]!), match: isOrigins ? 'origin' : match, missing };
}

/** A text that can be searched in a referer, or that names an origin. */
const isSearchable = (text: unknown) =>
  typeof text === 'string' && text !== '' && (!/^\s*https?:/i.test(text) || namedOrigin(text) !== undefined);

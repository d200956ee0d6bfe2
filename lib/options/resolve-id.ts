import { ID_SOURCES, type IdSource, type IdSourceOptions } from '../http/id-sources.js';
import { originOf, type RefererCheck } from '../http/referer.js';
import type { PhpIdFormat } from '../persistence/foreign-store.interface.js';
import type { OptionReader } from './option-reader.js';
import { readTransSid } from './resolve-trans-sid.js';

/** RFC 9110 §5.6.2 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
/** Fewer could be guessed. */
const LEAST_BITS = 128;
const PARAMETER = /^[A-Za-z0-9_-]{1,128}$/;

/** Where ids are looked for, and what those of PHP's form are like. `onServer`: whether sessions wait on the server, so that an id is only a reference. */
export function resolveId(
  reader: OptionReader,
  parameter: string,
  onServer: boolean,
): IdSourceOptions & PhpIdFormat {
  const sources = readSources(reader);
  const options: IdSourceOptions & PhpIdFormat = {
    sources,
    header: reader.text('header', 'x-session-id', TOKEN, 'the name of a header').toLowerCase(),
    parameter: reader.text('parameter', parameter, PARAMETER, 'letters, digits, - and _'),
    referer: readReferer(reader),
    transSid: readTransSid(reader, sources, onServer),
    ...readForm(reader),
  };
  reader.end();
  if (!options.transSid && !sources.includes('cookie') && !sources.includes('header'))
    reader.addFault(
      'sources',
      'name neither "cookie" nor "header", so that nobody would learn a new id; add one, or id.transSid',
    );
  if (!onServer && options.sources.some((source) => source !== 'cookie'))
    reader.addFault(
      'sources',
      'name more than the cookie, and the store is cookieStore(): the whole session would be the id; use a store on the server',
    );
  return options;
}

function readForm(reader: OptionReader): PhpIdFormat {
  const length = reader.integer('length', 48, 'characters', [22, 256]);
  const bitsPerCharacter = reader.integer(
    'bitsPerCharacter',
    6,
    'bits',
    [4, 6],
  ) as PhpIdFormat['bitsPerCharacter'];
  const bits = length * bitsPerCharacter;
  if (bits < LEAST_BITS)
    reader.addFault(
      'length',
      `is ${length} with ${bitsPerCharacter} bits each, which makes ${bits} bits; ${LEAST_BITS} are needed: set ${Math.ceil(LEAST_BITS / bitsPerCharacter)} or more`,
    );
  return { length, bitsPerCharacter };
}

function readSources(reader: OptionReader): readonly IdSource[] {
  const given = reader.take('sources') ?? ['cookie'];
  const isList =
    Array.isArray(given) && given.length > 0 && given.every((one) => ID_SOURCES.includes(one as IdSource));
  if (isList) return ID_SOURCES.filter((one) => given.includes(one));
  reader.addValueFault(
    'sources',
    given,
    `a list of ${ID_SOURCES.map((one) => `"${one}"`).join(', ')}, at least one`,
  );
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
  origins.forEach((origin, i) => {
    const isRight =
      typeof origin === 'string' && origin !== '' && (match === 'substring' || originOf(origin) === origin);
    if (!isRight)
      check.addValueFault(`origins[${i}]`, origin, 'scheme, host and port such as "https://shop.example"');
  });
  return { origins, match, missing };
}

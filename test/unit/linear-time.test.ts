import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { withoutSessionId } from 'nestjs-session-crypto';
import { FormLoginKeys } from '../../lib/apache/auth/form-login.js';
import { isUserKey, isUuid } from '../../lib/apache/dbd/row-key.js';
import { decodeBlob } from '../../lib/apache/sealing/sealed-blob.js';
import { readData } from '../../lib/apache/text/session-entries.js';
import { mergeSessionText, parseSessionText } from '../../lib/apache/text/session-text.js';
import { foldCase, urlDecode, urlEncode } from '../../lib/apache/text/url-encoding.js';
import { repaired, shapeOf } from '../../lib/cli/cookie/cookie-shape.js';
import { readCookies } from '../../lib/cli/cookie/cookie-text.js';
import { foreignCookie, likelyCookie } from '../../lib/cli/cookie/foreign-cookies.js';
import { cleanText } from '../../lib/cli/printable.js';
import { wishOf } from '../../lib/dashboard/operator-actions.js';
import { operatorOf } from '../../lib/dashboard/operator.js';
import { html } from '../../lib/dashboard/page/html.js';
import { decodeBase64url } from '../../lib/envelope/base64url.js';
import { CsrfTokens } from '../../lib/envelope/csrf-token.js';
import { decodeFrame } from '../../lib/envelope/frame.js';
import { ReferenceTokens } from '../../lib/envelope/reference-token.js';
import { codeOf } from '../../lib/errors/session-store.error.js';
import { forwardedOrigin, isLoopback, type PlatformRequest } from '../../lib/http/connection.js';
import { Cookie, nameOfLine } from '../../lib/http/cookie.js';
import { whyUnreachable } from '../../lib/http/cookie-reach.js';
import { isAllowedHandshake, isOrigin } from '../../lib/http/handshake-origin.js';
import { clearElsewhere } from '../../lib/http/cookie-places.js';
import { addToHead, headerOf } from '../../lib/http/gate/response-head.js';
import { allowsSharedCaches } from '../../lib/http/gate/shared-caches.js';
import { findIds } from '../../lib/http/id-sources.js';
import { networkOf } from '../../lib/http/network.js';
import { fieldIdOf, takeQueryId } from '../../lib/http/page-ids.js';
import { isAllowedReferer, originOf } from '../../lib/http/referer.js';
import { hideCookies, withoutCookies } from '../../lib/http/request-headers.js';
import { isUnder, pathOf, targetOf } from '../../lib/http/request-target.js';
import {
  AttributeValue,
  escapeText,
  readAttribute,
  writeAttribute,
} from '../../lib/http/trans-sid/attribute.js';
import { hasParameter, LinkId } from '../../lib/http/trans-sid/link.js';
import { OwnHosts } from '../../lib/http/trans-sid/own-hosts.js';
import { isParameter, parameterOf } from '../../lib/http/trans-sid/query-id.js';
import { rewritesHead } from '../../lib/http/trans-sid/rewritten-head.js';
import { userAgentOf } from '../../lib/http/user-agent.js';
import { trimBlanks } from '../../lib/http/trim-blanks.js';
import { printable } from '../../lib/errors/printable.js';
import { OperatorWarnings } from '../../lib/manager/operator-warnings.js';
import {
  fromCookieSession,
  fromExpressSession,
  fromIronSession,
  fromSecureSession,
} from 'nestjs-session-crypto/migrate';
import { isClassName, isEnumName } from '../../lib/php/serializer/class-name.js';
import { sessionToJson } from '../../lib/php/serializer/json-merge.js';
import { PHP_SERIALIZERS } from '../../lib/php/serializer/php-serializer.js';
import { latin1Of } from '../../lib/php/serializer/php-text.js';
import { arrayKey } from '../../lib/php/serializer/php-value.js';
import { parseJsonObject } from '../../lib/record/json-value.js';
import { faultOfSubject } from '../../lib/record/subject.js';
import { decodeToken } from '../../lib/remember-me/remember-token.js';
import { RESULT_TYPES } from '../../lib/stores/sql/result-types.js';
import { SubjectColumn } from '../../lib/stores/sql/subject-column.js';
import { ringOf } from './crypto/rings.js';
import { context } from './envelope/samples.js';
import { rewrite, RULES } from './http/trans-sid/page.js';
import { superlinear } from './support/cpu.js';
import { textWork } from './support/lib-patterns.js';

/** Takes what strangers send, made of all units or of its own. */
type Parser = ((text: string) => unknown) & { readonly units?: readonly string[] };

/** Makes its text itself, of the same length. */
const fixed = (run: Parser): Parser => Object.assign(run, { units: ['a'] });
/** Rewrites a page, which costs more than other parsers, so that only what matters in HTML is tried. */
const inPage = (page: (text: string) => string): Parser =>
  Object.assign((text: string) => rewrite(page(text)), { units: MARKUP });
const MARKUP = [
  'a',
  ' ',
  '\n',
  '&',
  '&#',
  '&#x2',
  '<',
  '<a ',
  '<a b=',
  '</',
  '<!--',
  '-',
  '>',
  '"',
  "'",
  '=',
  '/',
  '%',
  '\0',
];

const request = (part: object): PlatformRequest =>
  ({ headers: {}, rawHeaders: [], socket: { remoteAddress: '127.0.0.1' }, ...part }) as never;
const headers = (all: Record<string, string>): IncomingMessage => request({ headers: all });
const head = (name: string, value: string) => ({
  getHeader: (one: string) => (one === name ? value : undefined),
  setHeader() {},
  removeHeader() {},
  statusCode: 200,
});

const cookie = new Cookie('sid', false, {
  domain: undefined,
  path: '/',
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
  priority: undefined,
  lifetime: 0,
});
const wide = new Cookie('sid', false, {
  domain: 'a.example',
  path: '/a',
  httpOnly: true,
  sameSite: 'lax',
  partitioned: false,
  priority: undefined,
  lifetime: 0,
});
const SOURCES = {
  sources: ['cookie', 'header', 'query', 'body'],
  header: 'x-id',
  parameter: 'sid',
  referer: { origins: ['https://shop.example'], match: 'origin', missing: 'pass' },
} as const;
const ORIGINS = { origins: ['shop.example'], match: 'substring', missing: 'pass' } as const;
const hosts = () => new OwnHosts(RULES, { secure: true, origin: 'https://shop.example' });
const link = new LinkId({ name: 'sid', value: 'TOKEN' });
const ring = { ring: await ringOf(1) };
const csrf = new CsrfTokens(ring);
const references = new ReferenceTokens(ring, context({ store: 'postgres' }));
const latin = (text: string) => Buffer.from(text, 'latin1');
/** Many short ones of something, in a text of this length. */
const many = (text: string, one: (i: number) => string) => {
  let all = '';
  for (let i = 0; all.length < text.length; i++) all += one(i);
  return all;
};
const php = (text: string) => {
  for (const serializer of Object.values(PHP_SERIALIZERS)) {
    const session = serializer.decode(latin(text));
    if (typeof session !== 'string') sessionToJson(session, text.length);
  }
};

/** Readers of sessions of other packages, as the migration asks them. */
const migration = {
  timeouts: { idleTimeout: 0, absoluteTimeout: 0, regenerateInterval: 0, graceTime: 0, touchInterval: 0 },
  payloadLimit: 1 << 20,
  timeout: 1000,
  now: () => 1,
};
const until = new Date(0);
const [expressSessions, cookieSessions, ironSessions, secureSessions] = await Promise.all(
  [
    fromExpressSession({ secret: 'a secret', store: { get() {}, destroy() {} }, until }),
    fromCookieSession({ keys: ['a key'], until }),
    fromIronSession({ password: 'a'.repeat(32), cookie: { name: 'iron' }, until }),
    fromSecureSession({ key: Buffer.alloc(32), until }),
  ].map((format) => format.startMigration('crypto.accept[0]').then((make) => make(migration))),
);

/** Every parser of what strangers send, under the files of lib whose patterns, loops and methods it runs. */
const PARSERS: Record<string, Record<string, Parser>> = {
  'errors/printable.ts': { 'a text for a log': printable },
  'http/cookie.ts http/trim-blanks.ts': {
    'a Cookie header': (text) => cookie.values(`sid=${text}; sid=b`),
    'names in a Cookie header': (text) => cookie.values(`${text}sid${text}=b`),
    'many cookies': fixed((text) => cookie.values(many(text, () => 'sid=a;'))),
    'a text between blanks': trimBlanks,
    'a Set-Cookie line': nameOfLine,
  },
  'http/request-headers.ts': {
    'cookies to hide': (text) => withoutCookies(`${text}; sid=a; ${text}`, ['sid']),
    'a request with cookies to hide': (text) => hideCookies(headers({ cookie: text }), ['sid']),
  },
  'http/user-agent.ts http/network.ts': {
    'a browser': userAgentOf,
    'an address': networkOf,
    'an address of IPv6': (text) => networkOf(`2001:db8::${text}`),
  },
  'dashboard/operator.ts dashboard/operator-actions.ts dashboard/page/html.ts': {
    'an operator': (text) => operatorOf(() => text, { headers: {} }),
    'a form of the dashboard': (text) => wishOf({ action: 'revoke', subject: text, id: text }),
    'a value in a page': (text) => html`${text}`,
  },
  'http/id-sources.ts http/page-ids.ts http/trans-sid/query-id.ts': {
    'an id header': (text) => findIds(SOURCES, cookie, headers({ 'x-id': text }), undefined),
    'a query': (text) => takeQueryId(request({ url: `/?${text}` }), 'sid'),
    'a query with ids': fixed((text) =>
      takeQueryId(request({ url: `/?${many(text, () => '%73id=a&')}` }), 'sid'),
    ),
    'a Referer with ids': (text) =>
      takeQueryId(request({ url: '/', headers: { referer: `https://a.example/?${text}` } }), 'sid'),
    'a Content-Type': (text) => fieldIdOf(headers({ 'content-type': text }), { sid: 'a' }, 'sid'),
    'a field': (text) =>
      fieldIdOf(headers({ 'content-type': 'multipart/form-data' }), { sid: text, [text]: text }, 'sid'),
    'a parameter': (text) => isParameter(text, 'sid'),
    'a value of a parameter': (text) => parameterOf(`/?sid=${text}`, 'sid'),
    'an address for a log': (text) => withoutSessionId(`${text}?${text}`),
  },
  'http/cookie-reach.ts http/handshake-origin.ts': {
    'a target without a cookie': (text) =>
      whyUnreachable(wide, request({ hostname: 'a.example', url: text })),
    'a host without a cookie': (text) => whyUnreachable(wide, request({ hostname: text, url: '/a' })),
    'an Origin': (text) => [
      isOrigin(`a://${text}`),
      isAllowedHandshake(headers({ origin: text, host: text }), []),
    ],
  },
  'http/cookie-places.ts': {
    'a host of cookies': (text) => clearElsewhere(wide, request({ hostname: text, url: '/' })),
    'a path of cookies': (text) => clearElsewhere(wide, request({ hostname: 'a.example', url: `/${text}` })),
  },
  'http/referer.ts': {
    'a Referer': (text) => isAllowedReferer(SOURCES.referer, { referer: `https://${text}` }),
    'a Referer of any form': (text) => originOf(text),
    'a Referer with a text': (text) => isAllowedReferer(ORIGINS, { referer: text }),
  },
  'http/connection.ts': {
    'a Host header': (text) => isLoopback(headers({ host: text })),
    'a Host header of labels': fixed((text) => isLoopback(headers({ host: many(text, () => 'a-.') }))),
    'X-Forwarded-Host': (text) =>
      forwardedOrigin(
        request({ hostname: 'a', ips: ['1', '2'], app: {}, headers: { 'x-forwarded-host': text } }),
      ),
  },
  'http/request-target.ts': {
    'a path': pathOf,
    'an absolute target': (text) => pathOf(`http://${text}`),
    'a host': (text) => targetOf(request({ hostname: text, url: '/' })),
    'a path below another': (text) => isUnder('/a/', text, 'segments', false),
  },
  'http/gate/response-head.ts http/gate/clean-error.ts http/trans-sid/rewritten-head.ts': {
    'a Vary header': (text) =>
      addToHead(head('vary', text) as never, [], { cookies: [], defaults: {}, vary: 'Cookie' }),
    'Set-Cookie lines': (text) =>
      addToHead(head('set-cookie', text) as never, [], { cookies: ['sid=a'], defaults: {}, vary: undefined }),
    'a Content-Type of a response': (text) =>
      rewritesHead(head('content-type', `text/html;${text}`) as never, []),
    'a header': (text) => headerOf(head('a', text), [200, { [text]: 'a' }], 'a'),
  },
  'http/gate/shared-caches.ts': { 'a Cache-Control header': allowsSharedCaches },
  'http/trans-sid/attribute.ts': {
    'an attribute': (text) => readAttribute(`href=${text}`),
    'its value': (text) => new AttributeValue(text).sliceSource(0, 1),
    'a written attribute': (text) => writeAttribute({ lead: 'a=', quote: '', value: '' }, escapeText(text)),
  },
  'http/trans-sid/link.ts http/trans-sid/own-hosts.ts': {
    'a link': (text) => link.in(text),
    'a link with a query': (text) => link.in(`/?${text}#${text}`),
    'a link that must be decoded': (text) => link.in(`/&#x2f;?sid=a&amp;${text}`),
    'a link with ids': fixed((text) => link.in(`/?${many(text, () => 'sid=a&')}`)),
    'a host in a link': (text) => hosts().isOwn(`https://${text}`),
    'any link': (text) => hosts().isOwn(text),
    'an action of a form': (text) => hasParameter(`/?${text}`, 'sid'),
  },
  'http/trans-sid/disclosure.ts http/trans-sid/page-rewriter.ts http/trans-sid/page-text.ts http/trans-sid/tag-editor.ts':
    {
      'a page': inPage((text) => text),
      'a link of a page': inPage((text) => `<a href="${text}">`),
      'a link without quotes': inPage((text) => `<a href=${text}>`),
      'the blanks of a tag': inPage((text) => `<a href ${text}= "/b" ping>`),
      'a ping': inPage((text) => `<a href="/" ping="${text}">`),
      attributes: fixed((text) => rewrite(`<a ${many(text, (i) => `a${i}=b `)}href=/>`)),
      'text elements': inPage((text) => `<noscript>${text}</noscript><script>${text}`),
      'many links': fixed((text) => rewrite(many(text, (i) => `<a href=/${i} ping=/b>`))),
      'many forms': fixed((text) => rewrite(many(text, () => '<form><a href=/></form>'))),
      'a form of links': fixed((text) => rewrite(`<form>${many(text, () => '<a href=/>')}</form>`)),
      'many bases': fixed((text) => rewrite(many(text, () => '<base href=//b.example><a href=/>'))),
    },
  'record/json-value.ts': {
    'a text of base64url': decodeBase64url,
    'a CSRF token': (text) => csrf.timeOf(text, 'seed'),
    'a reference': (text) => references.read(text),
    'a frame': (text) => decodeFrame(latin(text)),
    'a remember-me token': (text) => decodeToken(latin(text)),
    JSON: parseJsonObject,
    'a text of JSON': (text) => parseJsonObject(`{"a":"${text}"}`),
    'brackets of JSON': (text) => parseJsonObject(`{"a":[${text}]}`),
  },
  'migrate/text.ts migrate/from-express-session.ts migrate/from-cookie-session.ts': {
    'a cookie of express-session': (text) => expressSessions!.open(`s:${text}`),
    'an encoded cookie of express-session': (text) => expressSessions!.open(`s%3A${text}.a`),
    'a cookie of cookie-session': (text) => cookieSessions!.open(`${text};${text}`),
  },
  'migrate/from-iron-session.ts migrate/from-secure-session.ts': {
    'a seal of iron-session': (text) => ironSessions!.open(`Fe26.2*1*${text}`),
    'the end of a seal': (text) => ironSessions!.open(`Fe26.2*1*a*b*c*${text}*d*e`),
    'a box of secure-session': (text) => secureSessions!.open(`${text};${'A'.repeat(32)}`),
    'parts of a box': (text) => secureSessions!.open(text),
  },
  'cli/printable.ts cli/cookie/cookie-shape.ts cli/cookie/cookie-text.ts cli/cookie/foreign-cookies.ts': {
    'a pasted text': readCookies,
    'a pasted Cookie header': (text) => readCookies(`Cookie: sid=${text}`),
    'a pasted Set-Cookie line': (text) => readCookies(`Set-Cookie: sid=${text}; ${text}`),
    'the form of a pasted value': (text) => [shapeOf(text), repaired(text)],
    'a value of another program': (text) => [foreignCookie(text, text), likelyCookie(text, 'PHPSESSID')],
    'a session of mod_session_cookie': (text) => foreignCookie(`a=${text}`),
    'a text for a terminal': (text) => cleanText(text, Infinity),
  },
  'record/subject.ts': { 'a subject at a login': faultOfSubject },
  'errors/session-store.error.ts stores/sql/sqlstate.ts': {
    'the code of an error': (text) => codeOf({ code: text, name: text }),
  },
  'manager/operator-warnings.ts': {
    'a path in a warning': (text) =>
      new OperatorWarnings(() => {}).refusedPublicCache(request({ url: text })),
  },
  'stores/sql/subject-column.ts stores/sql/result-types.ts': {
    'a subject': (text) => new SubjectColumn('LATIN1').read(new SubjectColumn('LATIN1').write(text)),
    'a column of bytes': (text) => RESULT_TYPES.getTypeParser(17)(text),
  },
  'apache/auth/form-login.ts apache/dbd/row-key.ts': {
    'a realm': (text) => new FormLoginKeys(text),
    'a key of a row': (text) => [isUserKey(text), isUuid(text)],
  },
  'apache/sealing/sealed-blob.ts': { 'a sealed blob': decodeBlob },
  'apache/text/session-entries.ts apache/text/session-text.ts apache/text/url-encoding.ts': {
    'a session text': (text) => readData(parseSessionText(text), new Set(['a'])),
    'a session text by the rules of trunk': (text) => parseSessionText(text, { rules: 'trunk' }),
    'an end': (text) => parseSessionText(`expiry=${text}`),
    'many entries': fixed((text) => {
      const later = many(text, (i) => `K${i}=w&`);
      readData(mergeSessionText(parseSessionText(many(text, (i) => `k${i}=v&`)), later), new Set());
    }),
    'an entry of JSON': (text) => readData(parseSessionText(`a=${text}`), new Set(['a'])),
    'an encoded text': (text) => foldCase(urlDecode(text) ?? urlEncode(latin(text))),
  },
  'php/serializer/byte-cursor.ts php/serializer/value-reader.ts php/serializer/php-serializer.ts': {
    'a session of PHP': php,
    ...Object.fromEntries(
      [
        'i:',
        'd:',
        'd:1.',
        'd:1e',
        's:',
        's:3:"',
        'S:9999:"',
        'a:',
        'a:9999:{',
        'O:',
        'O:1:"a":',
        'C:1:"a":',
        'r:',
        'E:',
      ].map((begin) => [
        `a value of PHP that begins with ${begin}`,
        (text: string) => php(`a|${begin}${text}`),
      ]),
    ),
    'many values of PHP': fixed((text) => php(many(text, (i) => `k${i}|i:${i};`))),
    'arrays of PHP': fixed((text) => php(many(text, (i) => `k${i}|a:1:{i:0;a:1:{s:1:"a";N;}}`))),
    'nested arrays of PHP': fixed((text) => php(`a|${many(text, () => 'a:1:{i:0;')}`)),
    'references of PHP': fixed((text) => php(`a|a:99999:{${many(text, (i) => `i:${i};R:1;`)}}`)),
    'a list of PHP': fixed((text) => php(`a|a:${text.length}:{${many(text, (i) => `i:${i};N;`)}}`)),
  },
  'php/serializer/class-name.ts php/serializer/php-text.ts php/serializer/php-value.ts': {
    'a class name': (text) => [isClassName(text), isEnumName(text)],
    'a key of an array': arrayKey,
    'a text of PHP': latin1Of,
  },
};

/** Files whose patterns, loops and methods see only what the operator, the developer or we ourselves have written: options,
 *  configuration files, keys, the command line, names of columns and files. */
const TRUSTED = [
  /^(?:cli(?!\/cookie)|options|testing|crypto)\//,
  /^cli\/cookie\/(?:explain-cookie|places|read-input|seal-cookie)\.ts$/, // attributes and names of ours
  /^apache\/(?:directives|from-directives)\//,
  /^apache\/(?:audit|resolve-options)\.ts$/,
  /^apache\/sealing\/(?:ciphers|envelope-options|passphrase-file)\.ts$/,
  /^manager\/log-texts\.ts$/, // at most a hundred characters of a name
  /^checkup\//, // our own sentences, and the names of the operator's tables
  /^migrate\/resolve-options\.ts$/,
  /^dashboard\/(?:resolve-dashboard|fleet\/fleet-board)\.ts$/, // the operator's options, and rows that we have sealed
  /^nest-add\//, // the developer's own project
  /^manager\/(?:reseal-rows|conversion-source)\.ts$/, // the operator's marks, and names that we have sealed
  /^http\/(?:cookie-syntax|express-stack)\.ts$/, // options and Express's own layers
  /^persistence\/(?:save-queue|store-health)\.ts$/, // loops that wait, and read no text
  /^php\/(?:ini|from-ini|private|sealed)\//,
  /^php\/serializer\/float-text\.ts$/, // writes a number
  /^php\/redis\/php-redis-options\.ts$/, // the operator's options
  /^php\/shared\/(?:shared-options|session-folder|session-id)\.ts$/, // names of files in our own folder, and bytes of ours
  /^ring\/process-reports\.ts$/, // a hundred letters that a process of ours has sealed
  /^standalone\//, // contexts of the application
  /^stores\/revocation\.ts$/, // our own messages
  /^stores\/redis\/(?:options|inspect-server|redis\.store|redis-key\.store|reply-error|scan-names|prove-primary)\.ts$/, // options, and what the operator's server says
  /^stores\/key-row\.ts$/, // rows that we have written
  /^stores\/(?:typeorm\/|sql\/(?:table-place|create-table|reserve)\.ts$)/, // names of tables, our own statements, and pg’s own classes
];

/** Files that do nothing with texts but match patterns, which are tested below one by one. */
const PATTERNS_ONLY = ['php/shared/shared.repository.ts', 'apache/dbd/dbd-options.ts'];

/** What parsers divide, skip, repeat or escape. */
const UNITS = [
  'a', '0', '9', 'é', '\0', '\t', ' ', '\n', ',', ';', ':', '=', '&', '&amp;', '&#', '&#x2', '&a', '%', '%2', '%41', '%c3', '+',
  '-', '_', '.', '..', '/', '//', '/.', '\\', '"', '\\"', "'", '<', '<a ', '<a b=', '<!--', '>', '?', '#', '@', '|', '{', '}', '[',
  '(', '*', '~', 'sid', 'sid=', 'sid=a;', ' =', '= ', '\t;', 'N;', 'i:0;', 's:1:"a";', 'a:1:{', 'R:1;', '\\u0061', ',"a":1',
]; // prettier-ignore

const SHAPES: readonly ((middle: string) => string)[] = [
  (middle) => middle,
  (middle) => `a${middle}b`,
  (middle) => `${middle}\u0001`,
];

const textsOf = (unit: string, shape: (middle: string) => string) => (length: number) =>
  shape(unit.repeat(Math.ceil(length / unit.length)));

/** Returns the texts for which the work grows faster than they do. */
function slowTexts(run: Parser, units: readonly string[]): string[] {
  const careful: Parser = (text) => {
    try {
      run(text);
    } catch {
      // an error is an answer, too
    }
  };
  return units.flatMap((unit) =>
    SHAPES.flatMap((shape) => {
      const slow = superlinear(careful, textsOf(unit, shape));
      return slow ? [`${JSON.stringify(shape(unit))} × n: ${slow}`] : [];
    }),
  );
}

const ALL = Object.entries(PARSERS).flatMap(([files, parsers]) =>
  Object.entries(parsers).map(([name, run]) => ({ name, run, files })),
);
const WORK = textWork();

describe('the time for what strangers send grows no faster than its length', () => {
  it.each(ALL)('$name', { timeout: 120_000 }, ({ run }) => {
    expect(slowTexts(run, run.units ?? UNITS)).toEqual([]);
  });
});

describe('the time of every pattern grows no faster than the text', () => {
  const untrusted = WORK.filter(({ file }) => !TRUSTED.some((trusted) => trusted.test(file)));

  it.each(untrusted.filter(({ patterns }) => patterns.length))(
    '$file',
    { timeout: 120_000 },
    ({ patterns }) => {
      for (const pattern of patterns)
        expect(
          slowTexts((text) => text.replace(pattern, ''), unitsOf(pattern)),
          String(pattern),
        ).toEqual([]);
    },
  );

  it('each file that reads texts has a parser above, or is trusted', () => {
    const listed = new Set([...PATTERNS_ONLY, ...Object.keys(PARSERS).flatMap((files) => files.split(' '))]);
    expect(untrusted.filter(({ file, reads }) => reads && !listed.has(file)).map(({ file }) => file)).toEqual(
      [],
    );
    const known = new Set(WORK.map(({ file }) => file));
    expect([...listed].filter((file) => !known.has(file))).toEqual([]);
  });
});

/** The characters of a pattern, and what often makes patterns slow. */
function unitsOf({ source }: RegExp): string[] {
  const own = source.replace(/\\[a-z]/g, '').split('');
  return [...new Set([...own, 'a', 'A', '0', ' ', '\t', '\n', '\0', '/', '.', ':', '&', '%', '\\', 'é'])];
}

import { SAXParser } from 'parse5-sax-parser';
import type { PhpCase, Rule } from '../php-session.js';

export interface TransSidCase extends PhpCase {
  readonly sid: string;
  readonly name: string;
  readonly http_host: string;
  readonly ini: Readonly<Record<string, string>>;
  readonly request_cookie: string | null;
  readonly in: string | readonly (string | number)[];
  readonly out: string;
  readonly script_mentions_SERVER?: boolean;
}

interface Pair {
  readonly vector: TransSidCase;
  /** The page before it was rewritten. */
  readonly page: string;
  readonly ours: string;
  readonly theirs: string;
}

interface TransSidRule extends Rule {
  covers(pair: Pair): boolean;
}

/** Reports whether both are the same after `change` was applied to them. */
const alike =
  (change: (text: string, vector: TransSidCase) => string) =>
  ({ vector, ours, theirs }: Pair): boolean =>
    change(ours, vector) === change(theirs, vector);

/** Reports whether this package did not rewrite a page that contains this. */
const leftAlone =
  (part: RegExp) =>
  ({ page, ours }: Pair): boolean =>
    ours === page && part.test(page);

const isSet = ({ ini }: TransSidCase, setting: string): boolean => Boolean(ini[setting]);

/** Reports whether each URL of this package leads to the same place as before and has the id once. */
function isEachLinkRight({ vector, page, ours }: Pair): boolean {
  const [before, after] = [addressesOf(page), addressesOf(ours)];
  const isRight = (address: string, i: number) => {
    const url = new URL(address, 'http://page.test/');
    const ids = url.searchParams.getAll(vector.name);
    url.searchParams.delete(vector.name);
    return ids.join() === vector.sid && url.href === new URL(before[i]!, 'http://page.test/').href;
  };
  return after.length > 0 && after.every(isRight);
}

/** Returns the URLs of a page's links, as HTML decodes them. */
function addressesOf(page: string): string[] {
  const found: string[] = [];
  const parser = new SAXParser();
  parser.on('startTag', ({ tagName, attrs }) => {
    if (tagName === 'a') found.push(...attrs.filter(({ name }) => name === 'href').map(({ value }) => value));
  });
  parser.end(page);
  return found;
}

/** The intended differences from PHP. The first one that covers a case is reported. */
export const TRANS_SID_RULES: readonly TransSidRule[] = [
  {
    name: 'an ampersand is escaped',
    reason: 'PHP put `&` into attributes, where HTML has `&amp;`',
    covers: alike((text) => text.replaceAll('&amp;', '&')),
  },
  {
    name: 'no empty parameter',
    reason: 'PHP made `p?&id` of a URL that ends in a question mark',
    covers: alike((text) => text.replaceAll('?&', '?')),
  },
  {
    name: 'one separator',
    reason: 'PHP separates parameters by arg_separator.output; here it is always `&`, which every server reads',
    covers: alike((text, vector) => text.replaceAll('&amp;', vector.ini['arg_separator.output'] ?? '&')),
  },
  {
    name: 'values are quoted',
    reason: 'HTML has no `=` in a value without quotes',
    covers: alike((text) => text.replaceAll('"', '').replaceAll('&amp;', '&')),
  },
  {
    name: 'an id is replaced',
    reason: 'PHP put the id into a URL that had it already',
    covers: alike((text, { name, sid }) => text.replaceAll(`&${name}=${sid}`, '')),
  },
  {
    name: 'the own host by its name',
    reason: 'PHP did not rewrite links with a host, although its manual says that the own host gets the id (php.md 4.1)',
    covers: (pair) =>
      !isSet(pair.vector, 'session.trans_sid_hosts') && pair.theirs === pair.page && pair.page.includes('//')
        ? !pair.page.includes('form') && isEachLinkRight(pair)
        : false,
  },
  {
    name: 'user and password stay',
    reason: 'PHP put them together wrongly (php.md 4.4)',
    covers: (pair) => /\/\/[^/"]*:[^/"]*@/.test(pair.page) && isEachLinkRight(pair),
  },
  {
    name: 'the host as a browser reads it',
    reason: 'PHP read a backslash as part of a name, where a browser ends the host: the id would go there',
    covers: leftAlone(/\\@/),
  },
  {
    name: 'markup only',
    reason: 'PHP rewrote text that is not a tag: comments, scripts, texts in forms, CDATA and JSON (php.md 4.6)',
    covers: leftAlone(/<!--|<script|<textarea|<!\[CDATA\[|^\{/),
  },
  {
    name: 'a base is obeyed',
    reason: 'PHP gave the id to relative links that lead to the host of a <base>',
    covers: leftAlone(/<base href="http:/),
  },
  {
    name: 'no tag before its end',
    reason: 'PHP rewrote a tag that the page does not finish; HTML does not count it as a tag',
    covers: leftAlone(/<a [^>]*$/),
  },
  {
    name: 'the host is always known',
    reason: 'PHP did not know its host, because the script does not name $_SERVER',
    covers: ({ vector, theirs, page, ours }) =>
      vector.script_mentions_SERVER === false && theirs === page && fieldCount(ours) === 1,
  },
  {
    name: 'forms go by trans_sid_hosts',
    reason: "PHP 8.2 looked at another function's hosts for forms; 8.4 does the same as this package (php.md 4.2)",
    covers: ({ vector, ours, theirs }) =>
      isSet(vector, 'session.trans_sid_hosts') && Math.abs(fieldCount(ours) - fieldCount(theirs)) === 1,
  },
  {
    name: 'another port is another host',
    reason: 'PHP gave the id to whatever listens at another port of the same host',
    covers: ({ page, ours, vector }) =>
      ours === page && (/:8080/.test(page) || vector.http_host.includes(':8080')),
  },
  {
    name: 'each form by itself',
    reason: 'PHP took the action of the form before, and `a` for an action (php.md 4.3)',
    covers: ({ page, ours, theirs }) =>
      theirs === page && fieldCount(ours) === 1 && /<form>|<form a=/.test(page),
  },
  {
    name: 'the field comes after the tag',
    reason: 'PHP put it after a `>` in an attribute (php.md 4.5)',
    covers: ({ page, ours }) =>
      fieldCount(ours) === 1 && ours.replace(FIELD, '') === page && ours.includes('action="p"><input'),
  },
  {
    name: 'attributes as HTML has them',
    reason:
      'PHP gave up at a digit, `@`, `:` or TAB in or beside a name and at `>` in a value, read a second attribute of a name, or took text for a tag',
    covers: (pair) => typeof pair.vector.in === 'string' && isFirstLinkRight(pair),
  },
  {
    name: 'a page may be cut anywhere',
    reason: 'PHP forgot an attribute that was cut by a flush',
    covers: (pair) => typeof pair.vector.in !== 'string' && isEachLinkRight(pair),
  },
];

const FIELD = /<input type="hidden"[^>]*>/;

const fieldCount = (text: string): number => text.split(FIELD).length - 1;

const isFirstLinkRight = (pair: Pair): boolean =>
  isEachLinkRight(pair) && addressesOf(pair.ours).length === addressesOf(pair.page).length;

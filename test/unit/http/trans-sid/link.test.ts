import fc from '../../../support/property.js';
import { SAXParser } from 'parse5-sax-parser';
import { describe, expect, it } from 'vitest';
import { hasParameter, LinkId } from '../../../../lib/http/trans-sid/link.js';
import { ID, rewrite } from './page.js';

const BASE = 'https://shop.example/dir/';
const link = new LinkId(ID);

describe('LinkId', () => {
  it.each([
    ['p', 'p?sid=TOKEN'],
    ['/', '/?sid=TOKEN'],
    ['', '?sid=TOKEN'],
    ['p?', 'p?sid=TOKEN'],
    ['?x=1', '?x=1&amp;sid=TOKEN'],
    ['p??', 'p??&amp;sid=TOKEN'],
    ['p#a?b', 'p?sid=TOKEN#a?b'],
    ['p?x=1#a', 'p?x=1&amp;sid=TOKEN#a'],
    [' p ', ' p?sid=TOKEN '],
    ['p?a&amp;b', 'p?a&amp;b&amp;sid=TOKEN'],
    ['p?a&b', 'p?a&b&amp;sid=TOKEN'],
    ['http://shop.example', 'http://shop.example/?sid=TOKEN'],
    ['//shop.example#a', '//shop.example/?sid=TOKEN#a'],
    ['http://shop.example?x', 'http://shop.example?x&amp;sid=TOKEN'],
    ['http://u:p@shop.example/', 'http://u:p@shop.example/?sid=TOKEN'],
  ])('goes into the query of %j', (written, expected) => {
    expect(link.in(written)).toBe(expected);
  });

  it.each([
    ['p?sid=OLD', 'p?sid=TOKEN'],
    ['p?sid=OLD&amp;x=1', 'p?x=1&amp;sid=TOKEN'],
    ['p?x=1&sid=OLD&y=2&sid=OLD#a', 'p?x=1&y=2&amp;sid=TOKEN#a'],
    ['p?%73id=OLD', 'p?sid=TOKEN'],
    ['p?x=1&#38;sid=OLD', 'p?x=1&amp;sid=TOKEN'],
    ['p?sid', 'p?sid=TOKEN'],
    ['p?xsid=1', 'p?xsid=1&amp;sid=TOKEN'],
    ['sid?x', 'sid?x&amp;sid=TOKEN'],
    ['p?%=sid', 'p?%=sid&amp;sid=TOKEN'],
  ])('replaces an id in %j', (written, expected) => {
    expect(link.in(written)).toBe(expected);
  });

  it.each([
    ['p&#35;a', 'p?sid=TOKEN&#35;a'],
    ['p&#x23', 'p?sid=TOKEN&#x23'],
    ['p&num;a', 'p?sid=TOKEN&num;a'],
    ['p&quest;x', 'p&quest;x&amp;sid=TOKEN'],
    ['caf&#233;', 'caf&#233;?sid=TOKEN'],
    ['caf&eacute;?x#a', 'caf&eacute;?x&amp;sid=TOKEN#a'],
    ['p?a&copy=1', 'p?a&copy=1&amp;sid=TOKEN'],
    ['&#0;&#1114112;&unknown;', '&#0;&#1114112;&unknown;?sid=TOKEN'],
  ])('decodes the references of %j', (written, expected) => {
    expect(link.in(written)).toBe(expected);
  });

  it('percent-encodes the name and the value', () => {
    expect(new LinkId({ name: 'a]"b', value: 'c,d' }).in('p')).toBe('p?a%5D%22b=c%2Cd');
  });

  it('changes nothing else in a URL', () => {
    const sign = fc.constantFrom(
      'a',
      '/',
      '?',
      '#',
      '&',
      '&amp;',
      '=',
      '%20',
      'sid',
      '&#35;',
      '&quest;',
      '&eacute;',
      '&copy=1',
      ' ',
      '+',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 12 }), (signs) => {
        const written = `/${signs.join('')}`;
        const [before, after] = [
          addressOf(`<i href="${written}">`),
          addressOf(rewrite(`<a href="${written}">`)),
        ];
        if (before?.host !== 'shop.example' || !after) return;
        expect(after.searchParams.getAll('sid')).toEqual(['TOKEN']);
        before.searchParams.delete('sid');
        after.searchParams.delete('sid');
        before.searchParams.sort();
        after.searchParams.sort();
        expect(after.href.replace(/\?(?=#|$)/, '')).toBe(before.href.replace(/\?(?=#|$)/, ''));
      }),
      { numRuns: 2000 },
    );
  });
});

/** Returns the URL that a browser reads in the first tag of a page. */
function addressOf(page: string): URL | undefined {
  let value = '';
  const parser = new SAXParser();
  parser.on('startTag', ({ attrs }) => void (value = attrs[0]!.value));
  parser.end(page);
  return URL.canParse(value, BASE) ? new URL(value, BASE) : undefined;
}

describe('hasParameter', () => {
  it.each([
    ['p?sid=1', true],
    ['p?x&amp;sid', true],
    ['p?xsid=1', false],
    ['p#?sid=1', false],
    ['sid=1', false],
  ])('%j: %s', (written, has) => {
    expect(hasParameter(written, 'sid')).toBe(has);
  });
});

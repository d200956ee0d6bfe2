import fc from '../../../support/property.js';
import { SAXParser, type StartTag } from 'parse5-sax-parser';
import { describe, expect, it } from 'vitest';
import { FIELD, rewrite, rewriteChunks, rewriterOf, type PageSetup } from './page.js';

const KIB = 1024;

describe('PageRewriter', () => {
  it.each([
    ['<a href="p">', '<a href="p?sid=TOKEN">'],
    ["<a href='p?x=1'>", "<a href='p?x=1&amp;sid=TOKEN'>"],
    ['<a href=p>', '<a href="p?sid=TOKEN">'],
    ['<a href=p"q>', '<a href="p&quot;q?sid=TOKEN">'],
    ['<a href>', '<a href="?sid=TOKEN">'],
    ['<a href = >', '<a href ="?sid=TOKEN" >'],
    ['<a href="p"=x>', '<a href="p?sid=TOKEN"=x>'],
    ['<a href="\0">', '<a href="\0?sid=TOKEN">'],
    ['<a href="p \n">', '<a href="p?sid=TOKEN \n">'],
    ['<a href x=1>', '<a href="?sid=TOKEN" x=1>'],
    ['<a href="">', '<a href="?sid=TOKEN">'],
    ['<A\n\tHREF = "p" >', '<A\n\tHREF = "p?sid=TOKEN" >'],
    ['<a title="a>b" @x="1" href="p"/>', '<a title="a>b" @x="1" href="p?sid=TOKEN"/>'],
    ['<a href="p" href="q">', '<a href="p?sid=TOKEN" href="q">'],
    ['<area href="p"><frame src="q">', '<area href="p?sid=TOKEN"><frame src="q?sid=TOKEN">'],
    ['<svg><a href="p">x</a></svg>', '<svg><a href="p?sid=TOKEN">x</a></svg>'],
    ['<a href="h\u00e9?q=\u20ac">', '<a href="h\u00e9?q=\u20ac&amp;sid=TOKEN">'],
    ['<a href="https://shop.example/p">', '<a href="https://shop.example/p?sid=TOKEN">'],
  ])('puts the id into %s', (page, rewritten) => {
    expect(rewrite(page)).toBe(rewritten);
  });

  it.each([
    '<a href="#top">',
    '<a href=" #top">',
    '<a href="javascript:x()">',
    '<a href="java\nscript:x()">',
    '<a href="mailto:a@shop.example">',
    '<a href="//other.example/p">',
    '<a href="\\\\other.example/p">',
    '<a href="/\t/other.example/p">',
    '<a href="http:other.example">',
    '<a href="https://shop.example@other.example/">',
    '<a href="https://other.example\\@shop.example/">',
    '<a href="http://shop.example/p">',
    '<a href="https://shop.example:8443/p">',
    '<a href="&#104;ttps://other.example/p">',
    '<a href="https&colon;//other.example/p">',
    '<a href="//other&period;example/p">',
    '<a href="//shop.example\u00ad.other.example/p">',
    '<a data-href="p" xlink:href="p">',
    '</a href="p">',
    '< a href="p">',
    '<img src="p"><link href="p"><iframe src="p"></iframe>',
    '<frame src="">',
    '<!-- <a href="p"> -->',
    '<!a href="p"><?a href="p"?>',
    '<script>"<a href=p>"</script>',
    '<script><!--<script>"<a href=p>"</script><a href=p>--></script>',
    '<style><a href="p"></style>',
    '<textarea><a href="p"></textarea>',
    '<title><a href="p"></title>',
    '<noscript><a href="p"></noscript>',
    '<xmp><a href="p"></xmp>',
    '<svg><script>"<a href=p>"</script></svg>',
    '<svg/><script>"<a href=p>"</script>',
    '<svg><![CDATA[<a href="p">]]></svg>',
    '<plaintext><a href="p">',
    '<a href="p',
    '<a href="p"',
    'text <',
    'a\0b\r\nc\rd',
  ])('does not change %j', (page) => {
    expect(rewrite(page)).toBe(page);
  });

  it('rewrites the listed attributes and no others', () => {
    const page = '<a href="p"><img src="q"><button formaction="r">';
    expect(rewrite(page, { tags: { img: 'src', button: 'formaction' } })).toBe(
      '<a href="p"><img src="q?sid=TOKEN"><button formaction="r?sid=TOKEN">',
    );
  });

  it('does not change relative URLs behind a base of another host', () => {
    const page = '<base href="//other.example/"><a href="q"><form action="r"></form>';
    expect(rewrite(page)).toBe(page);
    expect(rewrite('<base href="/shop/"><a href="q">')).toBe('<base href="/shop/"><a href="q?sid=TOKEN">');
  });

  it.each([
    ['<a href="p">', '<a href="p?sid=TOKEN">'],
    ['<form action="p"></form>', `<form action="p">${FIELD}</form>`],
    ['<form><button formaction="p"></form>', `<form>${FIELD}<button formaction="p"></form>`],
  ])('empties a base of another host behind %s', (page, rewritten) => {
    const base = (href: string) => `<svg><title><base href="${href}"></title></svg>`;
    expect(rewrite(`${page}${base('//other.example/')}`)).toBe(`${rewritten}${base('')}`);
    expect(rewrite(`${page}<BASE HREF=//other.example/ x>`)).toBe(`${rewritten}<BASE HREF="" x>`);
    expect(rewrite(`${page}<base href="/shop/">`)).toBe(`${rewritten}<base href="/shop/">`);
  });

  it('adds no more ids behind a base that is too long to be emptied', () => {
    const base = `<base href="//other.example/${'x'.repeat(65 * KIB)}">`;
    const out = rewrite(`<a href="p">${base}<a href="q">`);
    expect(out === `<a href="p?sid=TOKEN">${base}<a href="q">`).toBe(true);
  });

  it.each([
    '<noscript><base href="//other.example/"></noscript><a href="q">',
    '<svg><title><base href="//other.example/"></title></svg><a href="q">',
    '<noscript><form action="//other.example"></noscript><form>x</form>',
    '<svg><title><form action="//other.example"></title></svg><form>x</form>',
    '<form><noscript><button formaction="//other.example">x</button></noscript></form>',
    '<form><svg><title><button formaction="//other.example"></title></svg></form>',
  ])('respects a foreign host in noscript and svg: %s', (page) => {
    const chunks = [...Buffer.from(page)].map((byte) => Buffer.from([byte]));
    expect(rewriteChunks(chunks).toString()).toBe(page);
  });

  it.each([
    ['<img referrerpolicy="unsafe-url" src="p">', '<img referrerpolicy="same-origin" src="p">'],
    ['<IFRAME referrerPolicy=No-Referrer-When-Downgrade>', '<IFRAME referrerPolicy="same-origin">'],
    ['<meta name="referrer" content="always">', '<meta name="referrer" content="same-origin">'],
    ['<meta content=unsafe-url name=REFERRER>', '<meta content="same-origin" name=REFERRER>'],
    ['<a href="p" ping="//other.example/">', '<a href="p?sid=TOKEN" ping="">'],
    ['<a href="//other.example" ping="/p https://other.example">', '<a href="//other.example" ping="">'],
  ])('makes %s disclose no URL with an id', (page, rewritten) => {
    expect(rewrite(page)).toBe(rewritten);
  });

  it.each([
    '<img referrerpolicy="no-referrer"><img referrerpolicy><img referrerpolicy="origin-when-cross-origin">',
    '<meta name="referrer" content="strict-origin"><meta name="description" content="unsafe-url">',
    '<b ping="/p\n/q https://shop.example/">',
  ])('does not change %s, which discloses none', (page) => {
    expect(rewrite(page)).toBe(page);
  });

  it('does not change a page in UTF-16, whatever its head says', () => {
    for (const mark of [
      [0xff, 0xfe],
      [0xfe, 0xff],
    ]) {
      const page = Buffer.concat([Buffer.from(mark), Buffer.from('<a href="p">')]);
      expect(rewriteChunks([page, page]).equals(Buffer.concat([page, page]))).toBe(true);
    }
  });
});

describe('the hidden field', () => {
  it.each([
    ['<form>x</form>', `<form>${FIELD}x</form>`],
    ['<form action="">x</form>', `<form action="">${FIELD}x</form>`],
    ['<form action="p?x=1" method=get>x</form>', `<form action="p?x=1" method=get>${FIELD}x</form>`],
    ['<FORM ACTION=p>x</FORM>', `<FORM ACTION=p>${FIELD}x</FORM>`],
    ['<form onsubmit="a>b">x</form>', `<form onsubmit="a>b">${FIELD}x</form>`],
    ['<form>x', `<form>${FIELD}x`],
    [
      '<template><form>x</form></template><form>y</form>',
      `<template><form>${FIELD}x</form></template><form>${FIELD}y</form>`,
    ],
    [
      '<noscript><form>x</form></noscript><form>y</form>',
      `<noscript><form>x</form></noscript><form>${FIELD}y</form>`,
    ],
    [
      '<form action="//other.example">x</form><form>y</form>',
      `<form action="//other.example">x</form><form>${FIELD}y</form>`,
    ],
    ['<form action="p?sid=OLD&amp;x=1">x</form>', `<form action="p?x=1&amp;sid=TOKEN">${FIELD}x</form>`],
    ['<form><button formaction="/q">x</form>', `<form>${FIELD}<button formaction="/q">x</form>`],
  ])('stands behind the start tag: %s', (page, rewritten) => {
    expect(rewrite(page)).toBe(rewritten);
  });

  it.each([
    '<form action="//other.example">x</form>',
    '<form action="javascript:x()">x</form>',
    '<form><button formaction="https://other.example/">x</button></form>',
    '<form>x<input type=submit formaction="//other.example"></form>',
    '<form action="//other.example"><form action="/own">x</form>',
    '<form action="//other.example"><select></form><form action="/own">x</form>',
    '<select><form action="//other.example"></select><form action="/own">x</form>',
    '<form action="//other.example"><template></form></template><form action="/own">x</form>',
    '<form><template><form></form></template><button formaction="//other.example">x</form>',
  ])('is not sent to another host: %s', (page) => {
    expect(rewrite(page)).toBe(page);
  });

  it.each([
    [
      'behind it',
      '<form id=f>x</form><button form=f formaction="//other.example">',
      '<form id=f>%x</form><button form=f formaction="">',
    ],
    [
      'before it',
      '<button form=f formaction="//other.example"><form id=f>x</form>',
      '<button form=f formaction=""><form id=f>%x</form>',
    ],
    [
      'in another',
      '<form id=f>x</form><form><input form=f formaction="//other.example"></form>',
      '<form id=f>%x</form><form>%<input form=f formaction=""></form>',
    ],
    [
      'of a noscript',
      '<noscript><button form=f formaction="//other.example"></noscript><form id=f>x</form>',
      '<noscript><button form=f formaction="//other.example"></noscript><form id=f>x</form>',
    ],
  ])('is not sent to another host by a button of the form that stands %s', (_where, page, rewritten) => {
    expect(rewrite(page)).toBe(rewritten.replaceAll('%', FIELD));
  });

  it('leaves a button that names its form and stays on the host', () => {
    const page = '<button form=f formaction="/own">';
    expect(rewrite(page)).toBe(page);
  });

  it('stands at the end of a form that is too long to be kept back', () => {
    const long = '<b>x</b> '.repeat(20 * KIB);
    const own = rewrite(`<form>${long}</form><form>y</form>`);
    expect(own === `<form>${long}${FIELD}</form><form>${FIELD}y</form>`).toBe(true);
    const foreign = `<form>${long}<button formaction="//other.example">x</button></form>`;
    expect(rewrite(foreign) === foreign).toBe(true);
  });
});

describe('a page that streams', () => {
  it('leaves as it comes, except for what could become a tag', () => {
    const rewriter = rewriterOf();
    expect(rewriter.write(Buffer.from('Loading')).toString()).toBe('Loading');
    expect(rewriter.write(Buffer.from(' 1 <a hr')).toString()).toBe(' 1 ');
    expect(rewriter.write(Buffer.from('ef=p> 2')).toString()).toBe('<a href="p?sid=TOKEN"> 2');
    expect(rewriter.end().length).toBe(0);
  });

  it('does not change a tag of more than 64 KiB, and rewrites what follows', () => {
    const long = `<a title="${'x'.repeat(65 * KIB)}" href="p">`;
    const short = `<a title="${'x'.repeat(63 * KIB)}" href="p">`;
    const out = rewrite(`${long}${short}<a href="q">`);
    expect(out === `${long}${short.replace('"p"', '"p?sid=TOKEN"')}<a href="q?sid=TOKEN">`).toBe(true);
  });

  it('does not change the rest behind a comment of more than a MiB', () => {
    const page = `<a href="p"><!--${'x'.repeat(1200 * KIB)}--><a href="q">`;
    expect(rewrite(page) === page.replace('"p"', '"p?sid=TOKEN"')).toBe(true);
  });

  it.each([
    ['links', '<p>A line of words with <a href="/p?x=1&amp;y=2">a link</a> in it.</p>\n'],
    ['one tag', 'x="y" '],
    ['one text', 'x'],
    ['one comment', '- '],
  ])('keeps less than 129 KiB of 50 MB of %s', (name, part) => {
    const begin = { links: '', 'one tag': '<a ', 'one text': '<script>', 'one comment': '<!-- ' }[name]!;
    const chunk = Buffer.from(part.repeat(Math.ceil((64 * KIB) / part.length)));
    const rewriter = rewriterOf();
    let [came, left, most] = [begin.length, rewriter.write(Buffer.from(begin)).length, 0];
    let grown = 0;
    for (let i = 0; i < 800; i++) {
      const out = rewriter.write(chunk);
      came += chunk.length;
      left += out.length;
      grown += name === 'links' ? count(out, 'sid=TOKEN') * '&amp;sid=TOKEN'.length : 0;
      most = Math.max(most, came + grown - left);
    }
    left += rewriter.end().length;
    expect(left - came).toBeGreaterThanOrEqual(grown);
    expect(most).toBeLessThan(129 * KIB);
  });
});

const count = (bytes: Buffer, text: string): number => bytes.toString('latin1').split(text).length - 1;

/** Markup of all kinds, complete and broken. */
const PARTS = [
  '<a href="', '<a href=', "<area href='", '">', "'>", '>', '/>', '<form action="', '<form>', '</form>', '<form action="//evil.example">',
  '<button formaction="//evil.example">', '<select>', '</select>', '<base href="/x/">', '<script>', '</script>', '<!--', '-->', '<svg>',
  '</svg>', '<svg/>', '<math>', '<title>', '</title>', '<textarea>', '</textarea>', '<![CDATA[', ']]>', '<', '&', '&amp;', '&#35;', '?', '#',
  'p', '/q?a=1', '?sid=OLD', '&sid=OLD', 'https://shop.example/', '//evil.example/', 'javascript:x', ' ', '\n', '\r\n', '\r', '\0', '"', "'",
  '=', '\u00e9', '\u20ac', '\ud83d\ude00', '<plaintext>', '<noscript>', '</noscript>', '<a href>', '<p class="x">',
]; // prettier-ignore

const page = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 60 })
  .map((parts) => Buffer.from(parts.join('')));
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const setups: readonly PageSetup[] = [
  {},
  { hosts: ['evil.example'] },
  { tags: { a: 'href', form: 'action' } },
];

describe('any page', () => {
  it('is rewritten the same way however it is cut', () => {
    fc.assert(
      fc.property(page, fc.array(fc.nat(400)), fc.constantFrom(...setups), (bytes, cuts, setup) => {
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place));
        return rewriteChunks(chunks, setup).equals(rewriteChunks([bytes], setup));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not change if none of its tags is listed', () => {
    fc.assert(
      fc.property(fc.oneof(page, anyBytes), (bytes) => rewriteChunks([bytes], { tags: {} }).equals(bytes)),
      { numRuns: 2000 },
    );
  });

  it('keeps its tags, except for URLs and fields', () => {
    fc.assert(
      fc.property(page, (bytes) => {
        const after = rewriteChunks([bytes]).toString('latin1');
        expect(tagsOf(after).map(withoutAddress)).toEqual(
          tagsOf(bytes.toString('latin1')).map(withoutAddress),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('has the id at most once in a URL, and in no URL of another host', () => {
    fc.assert(
      fc.property(page, (bytes) => {
        for (const { attrs } of tagsOf(rewriteChunks([bytes]).toString('latin1')))
          for (const { value } of attrs.filter(({ value }) => value.includes('TOKEN'))) {
            const url = new URL(value, 'https://shop.example/dir/');
            expect([url.host, url.searchParams.getAll('sid')]).toEqual(['shop.example', ['TOKEN']]);
          }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Returns the start tags of a page without our hidden fields. */
function tagsOf(text: string): StartTag[] {
  const tags: StartTag[] = [];
  const parser = new SAXParser();
  parser.on('startTag', (tag) => tags.push(tag));
  parser.end(text.replaceAll(FIELD, ''));
  return tags;
}

const withoutAddress = ({ tagName, attrs }: StartTag) => [
  tagName,
  ...attrs.filter(({ name }) => !['href', 'action'].includes(name)).map(({ name, value }) => [name, value]),
];

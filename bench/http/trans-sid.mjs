// Putting ids into a page must cost little more than reading its tags: PageRewriter against the bare tokenizer of
// parse5-sax-parser with empty handlers, over the same chunks. A page of 50 MB must need no more memory than its first MB.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SAXParser } from 'parse5-sax-parser';
import { PageRewriter } from '../../dist/lib/http/trans-sid/page-rewriter.js';
import { tagScanners } from '../../dist/lib/http/trans-sid/tag-scanner.js';
import { interleave, median, pairedRatio } from '../crypto/_measure.mjs';


const LIMIT = 1.5;
const CHUNK = 16_384;
const PAGES = 20;
const GROWTH = 2 * 2 ** 20;

const row = (i) =>
  `<tr class="row ${i % 2 ? 'odd' : 'even'}"><td><a href="/shop/item/${i}?page=2&amp;sort=name#top" title="Item ${i}">Item ` +
  `number ${i}</a></td><td>Some words that describe it, with <em>emphasis</em> &amp; more to read.</td><td>${i}.99 &euro;</td></tr>\n`;
const shop = (rows) =>
  '<!DOCTYPE html><html><head><title>Shop</title><style>a { color: red }</style><script>const a = "<a href=x>";</script></head>' +
  `<body><form action="/buy"><input name="q"></form><table>\n${Array.from({ length: rows }, (_, i) => row(i)).join('')}</table></body></html>`;
const article = (paragraphs) =>
  `<!DOCTYPE html><html><body>${'<p>Long paragraphs of plain words, which is what most pages are made of, go by with few tags among them. '.repeat(4 * paragraphs)}<a href="next">next</a></body></html>`;

const chunksOf = (page) => {
  const bytes = Buffer.from(page);
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) =>
    bytes.subarray(i * CHUNK, (i + 1) * CHUNK),
  );
};

const makeScanner = tagScanners({ SAXParser });
const tags = new Map([
  ['a', 'href'],
  ['area', 'href'],
  ['frame', 'src'],
  ['form', ''],
]);
const rewriter = () =>
  new PageRewriter({
    rules: { tags, hosts: [], origin: undefined },
    id: { name: 'sid', value: 'Q'.repeat(80) },
    page: { secure: true, origin: 'https://shop.example' },
    makeScanner,
  });

function rewrite(chunks) {
  const page = rewriter();
  let length = 0;
  for (const chunk of chunks) length += page.write(chunk).length;
  return length + page.end().length;
}

const ignore = () => {};
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

function tokenize(chunks) {
  const parser = new SAXParser();
  for (const event of ['startTag', 'endTag', 'text', 'comment', 'doctype']) parser.on(event, ignore);
  for (const chunk of chunks) parser._transform(chunk.toString('latin1'), 'latin1', ignore);
  parser._final(ignore);
}

console.log('| page | bytes | tokenizer us | rewriter us | ratio (paired median) |\n|---|---|---|---|---|');
for (const [name, page] of [
  ['table of links', shop(300)],
  ['article', article(300)],
  ['small', shop(3)],
]) {
  const chunks = chunksOf(page);
  if (rewrite(chunks) <= page.length) throw new Error(`nothing was rewritten: ${name}`);
  const [bare, ours] = interleave([() => tokenize(chunks), () => rewrite(chunks)], { calls: PAGES });
  const ratio = pairedRatio(ours, bare);
  console.log(
    `| ${name} | ${page.length} | ${median(bare).toFixed(0)} | ${median(ours).toFixed(0)} | ${ratio.toFixed(2)} |`,
  );
  if (ratio > LIMIT) process.exitCode = 1;
}

/** Bytes on the heap and outside while a long page goes by, at most, over what they are in the beginning. */
function growth(megabytes) {
  const chunks = chunksOf(shop(300));
  const page = rewriter();
  for (const chunk of chunks) page.write(chunk);
  const used = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = 0;
  for (let sent = 0, next = 0; sent < megabytes * 2 ** 20; next++) {
    const chunk = chunks[next % chunks.length];
    page.write(chunk);
    sent += chunk.length;
    if (next % 256 === 0) most = Math.max(most, used() - before);
  }
  return most;
}

const most = growth(50);
console.log(`\n50 MB in one page: memory grew by ${(most / 2 ** 20).toFixed(1)} MiB at most`);
if (most > GROWTH) process.exitCode = 1;
if (process.exitCode) console.error(`over ${LIMIT} times the tokenizer, or more than ${GROWTH} bytes`);

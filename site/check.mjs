#!/usr/bin/env node
// Checks the site that `npm run docs` has built: no page asks another host, and every link inside of the site leads somewhere. Then
// Chromium, if it is there, opens a guide and a page of the API in both themes and widths; it sees what a page asks for, whether it is
// wider than the screen, and whether the search finds something. A folder as argument gets a picture of each.
//
//     npm run docs:check [-- FOLDER]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, posix } from 'node:path';
import { root } from './guides.mjs';

const dist = join(root, 'site/dist');
const CHROMIUM = '/usr/bin/chromium';
const [pictures] = process.argv.slice(2);
const faults = [];

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(dist.length));
const pages = files.filter((file) => file.endsWith('.html'));
const texts = new Map(pages.map((page) => [page, readFileSync(join(dist, page), 'utf8')]));
const ids = new Map(
  [...texts].map(([page, text]) => [
    page,
    new Set([...text.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => unescape(id))),
  ]),
);

function unescape(text) {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** The page or file that an address of the site means. */
function fileAt(path) {
  const candidates = path.endsWith('/')
    ? [`${path}index.html`]
    : [path, `${path}.html`, `${path}/index.html`];
  return candidates.find((file) => existsSync(join(dist, file)) && extname(file));
}

const isForeign = (address) => /^(?:[a-z]+:)?\/\//i.test(address);

/** A link that a reader follows may lead to another host; what the browser loads by itself may not. */
function checkLinks(page, text) {
  for (const [, tag, attribute, raw] of text.matchAll(
    /<(\w+)\b[^>]*?\s(href|src|srcset|action|poster)="([^"]*)"/g,
  )) {
    const address = unescape(raw);
    if (isForeign(address)) {
      if (tag !== 'a') faults.push(`${page} loads ${address}`);
    } else if (attribute === 'href' || attribute === 'src') checkTarget(page, address);
  }
}

function checkTarget(page, address) {
  if (/^(?:data|mailto):/.test(address)) return;
  const [path, anchor] = address.split('#');
  const target = path
    ? fileAt(posix.join(path.startsWith('/') ? '/' : dirname(page), decodeURI(path)))
    : page;
  if (!target) faults.push(`${page}: ${address} is not there`);
  else if (anchor && !ids.get(target)?.has(decodeURIComponent(anchor)))
    faults.push(`${page}: ${target} has no #${anchor}`);
}

for (const [page, text] of texts) checkLinks(page, text);
for (const file of files.filter((name) => name.endsWith('.css'))) {
  const css = readFileSync(join(dist, file), 'utf8');
  for (const [, address] of css.matchAll(/(?:url\(|@import\s+)["']?([^"')]+)/g))
    if (isForeign(address)) faults.push(`${file} loads ${address}`);
}

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** Serves the site as any web server does. */
async function serveSite() {
  const server = createServer((request, response) => {
    const file = fileAt(decodeURI(new URL(request.url, 'http://localhost').pathname));
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(join(dist, file)));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

const SHOWN = [
  '/',
  '/sessions.html',
  '/options.html',
  pages.find((page) => /SessionService\.html$/.test(page)),
];

/** Opens pages in a browser. */
async function look(url) {
  const { chromium } = await import('playwright-core');
  const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
  const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', ...quiet, ...offline],
  });
  for (const colorScheme of ['light', 'dark'])
    for (const width of [1280, 390]) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      page.on('request', (request) => {
        if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
          faults.push(`asked ${request.url()}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
      });
      page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
      for (const path of SHOWN) {
        await page.goto(url + path, { waitUntil: 'networkidle' });
        if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
          faults.push(`${path} is wider than ${width} pixels`);
        const name = `${path.replace(/\W+/g, '-')}${colorScheme}-${width}.png`;
        if (pictures) await page.screenshot({ path: join(pictures, name) });
      }
      await search(page, `${colorScheme}-${width}`);
      await page.close();
    }
  await browser.close();
}

/** Types a word into the search, and follows its first result. */
async function search(page, name) {
  await page.keyboard.press('Control+k');
  await page.locator('#localsearch-input').fill('revokeSubject');
  const result = page.locator('.VPLocalSearchBox .result').first();
  await result.waitFor({ timeout: 20_000 }).catch(() => faults.push('the search finds nothing'));
  if (pictures) await page.screenshot({ path: join(pictures, `search-${name}.png`) });
}

if (existsSync(CHROMIUM)) {
  const { url, stop } = await serveSite();
  await look(url).finally(stop);
} else console.log(`skipped: a look by a browser; there is no ${CHROMIUM}`);

console.log(
  faults.length ? [...new Set(faults)].join('\n') : `${pages.length} pages: no dead link, no other host`,
);
process.exitCode = faults.length ? 1 : 0;

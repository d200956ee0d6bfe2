#!/usr/bin/env node
// Builds the guides and the API reference as one static site in site/dist: `npm run docs`. Any web server can serve the folder;
// `npm run docs -- serve` does it at http://localhost:4173.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path/posix';
import { PAGES, root, sourceOf } from './guides.mjs';

const site = join(root, 'site');
const pages = join(site, 'pages');
const targets = new Map(PAGES.map((page) => [sourceOf(page), `${page}.md`]));
targets.set('docs/benchmark.svg', 'benchmark.svg');
for (const name of readdirSync(join(root, 'docs/images')))
  targets.set(`docs/images/${name}`, `images/${name}`);

const tool = (name, ...args) =>
  execFileSync(join(site, 'node_modules/.bin', name), args, { cwd: site, stdio: 'inherit' });

/** A link of a page leads to a page of the site. A link to another file of the repository becomes its text. */
function withLinks(text, source) {
  return text.replace(/(!?)\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)/g, (link, image, label, target) => {
    if (/^(?:[a-z]+:|#)/.test(target)) return link;
    const [path, anchor] = target.split('#');
    const page = targets.get(join(dirname(source), path));
    if (!page) return label;
    return `${image}[${label}](./${page}${anchor === undefined ? '' : `#${anchor}`})`;
  });
}

/** Code keeps what looks like a link. */
const outsideOfCode = (text, change) =>
  text
    .split(/(^```[^]*?^```$)/m)
    .map((part, i) => (i % 2 ? part : change(part)))
    .join('');

rmSync(pages, { recursive: true, force: true });
mkdirSync(join(pages, 'images'), { recursive: true });
for (const [source, page] of targets) {
  if (!page.endsWith('.md')) copyFileSync(join(root, source), join(pages, page));
  else {
    const text = readFileSync(join(root, source), 'utf8');
    writeFileSync(
      join(pages, page),
      outsideOfCode(text, (part) => withLinks(part, source)),
    );
  }
}
tool('typedoc');
tool('vitepress', 'build');
console.log(`built ${relative(process.cwd(), join(site, 'dist'))}`);
if (process.argv.includes('serve')) tool('vitepress', 'preview', '--port', '4173');

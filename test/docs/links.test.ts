import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const at = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = [...at('.'), ...at('docs')];

/** A page without its code, in which nothing is a link or a heading. */
const textOf = (page: string): string =>
  readFileSync(join(ROOT, page), 'utf8').replace(/^```[^]*?^```/gm, '');

/** The anchors that GitHub gives the headings of a page. A heading that is there twice gets a number. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...textOf(page).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading]) => {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count ? `${slug}-${count}` : slug;
  });
}

/** The targets of a page's links that stay in the repository. */
const linksOf = (page: string): string[] =>
  [
    ...textOf(page)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** What is wrong with a link, or nothing. */
function faultOf(page: string, link: string): string[] {
  const [path = '', anchor] = link.split('#');
  const target = path ? relative(ROOT, join(ROOT, dirname(page), decodeURI(path))) : page;
  if (target.startsWith('..') || !existsSync(join(ROOT, target))) return [`${link}: no such file`];
  if (anchor === undefined || !statSync(join(ROOT, target)).isFile() || !target.endsWith('.md')) return [];
  return anchorsOf(target).includes(anchor) ? [] : [`${link}: no such heading`];
}

describe('the links in the docs', () => {
  it('are found', () => {
    expect(linksOf('README.md').length).toBeGreaterThan(10);
  });

  it.each(PAGES)('of %s lead somewhere', (page) => {
    expect(linksOf(page).flatMap((link) => faultOf(page, link))).toEqual([]);
  });

  it('lead somewhere from the messages and comments of the sources', () => {
    const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' });
    const named = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => readFileSync(join(ROOT, 'lib', file), 'utf8').match(/\bdocs\/[\w-]+\.md\b/g) ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((page) => !PAGES.includes(page))).toEqual([]);
  });

  it('to a missing file or heading are faults', () => {
    expect(
      ['docs/none.md', 'docs/keys.md#none', '#none', 'docs/keys.md'].flatMap((link) =>
        faultOf('README.md', link),
      ),
    ).toEqual(['docs/none.md: no such file', 'docs/keys.md#none: no such heading', '#none: no such heading']);
  });
});

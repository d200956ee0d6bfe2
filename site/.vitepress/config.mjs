import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { GUIDES, root, sourceOf } from '../guides.mjs';

/** The first heading of a page. */
const titleOf = (page) =>
  page === 'index' ? 'Quick start' : /^# (.+)$/m.exec(readFileSync(join(root, sourceOf(page)), 'utf8'))[1];

const guides = GUIDES.map(({ text, pages }) => ({
  text,
  items: pages.map((page) => ({ text: titleOf(page), link: `/${page === 'index' ? '' : page}` })),
}));

/** The entries of the package, the main one first. Those of stores are one folder deeper. */
const entries = JSON.parse(readFileSync(join(root, 'site/pages/api/typedoc-sidebar.json'), 'utf8'))
  .flatMap((entry) => (entry.link ? entry : entry.items))
  .toSorted((a, b) => (b.text === 'index') - (a.text === 'index'));

/** The menu of the API lists the entries, and what the open one exports. With all names in it, it would be most of each page. */
const apiMenu = (open) =>
  entries.map((entry) => ({
    text: entry.text === 'index' ? 'nestjs-session-crypto' : `./${entry.text}`,
    link: entry.link,
    ...(entry === open ? { items: entry.items, collapsed: false } : {}),
  }));
const apiMenus = Object.fromEntries(entries.map((entry) => [entry.link, apiMenu(entry)]));

/** The anchors that GitHub gives, so that one link works in both places; see test/docs/links.test.ts. */
const slugify = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'nestjs-session-crypto',
  description: 'Encrypted sessions for NestJS',
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  head: [['link', { rel: 'icon', href: 'data:,' }]], // so that browsers ask for none
  markdown: {
    anchor: { slugify },
    languageAlias: { haproxy: 'nginx' },
    attrs: { disable: true }, // braces in our text are no attributes
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guides', link: '/' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: { ...apiMenus, '/api/': apiMenu(), '/': guides },
  },
});

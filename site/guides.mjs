// The guides of the site, in the order of its menu. Each name is that of a page of the site; `index` is README.md.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

/** Markdown files beside README.md, by their page. */
const BESIDE = {
  index: 'README.md',
  security: 'SECURITY.md',
  changes: 'CHANGELOG.md',
  contributing: 'CONTRIBUTING.md',
};

/** Where a page comes from. */
export const sourceOf = (page) => BESIDE[page] ?? `docs/${page}.md`;

const CHOSEN = [
  { text: 'Begin', pages: ['index', 'sessions', 'options', 'testing', 'sample-app'] },
  { text: 'Your application', pages: ['passport', 'express-session', 'with-other-packages'] },
  {
    text: 'Coming from',
    pages: ['express-session', 'cookie-session', 'iron-session', 'secure-session'].map(
      (name) => `coming-from-${name}`,
    ),
  },
  { text: 'Stores and keys', pages: ['stores', 'keys', 'drivers', 'contexts', 'remember-me'] },
  { text: 'Apache and PHP', pages: ['apache', 'php'] },
  {
    text: 'In operation',
    pages: [
      'cli',
      'dashboard',
      'hardening',
      'telemetry',
      'health',
      'reliability',
      'scale',
      'performance',
      'benchmark',
    ],
  },
  {
    text: 'Inside',
    pages: ['wire-format', 'architecture', 'dependencies', 'security', 'changes', 'contributing'],
  },
];

/** Pages that nobody has given a place. */
const others = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -3))
  .filter((page) => !CHOSEN.some(({ pages }) => pages.includes(page)));

export const GUIDES = [...CHOSEN, ...(others.length ? [{ text: 'More', pages: others }] : [])];

export const PAGES = GUIDES.flatMap(({ pages }) => pages);

// The API reference: a page of Markdown for each name that an entry of the package exports.
import { readFileSync } from 'node:fs';

const entries = JSON.parse(readFileSync(new URL('../entries.json', import.meta.url), 'utf8'));

export default {
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
  name: 'API',
  entryPoints: Object.values(entries).map((file) => `../${file}`),
  tsconfig: '../tsconfig.json',
  out: 'pages/api',
  docsRoot: 'pages',
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  disableSources: true,
  githubPages: false,
  hideBreadcrumbs: false,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  sidebar: { pretty: true },
  logLevel: 'Error', // types that no entry exports have no page
};

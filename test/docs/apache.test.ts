import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { DIRECTIVES } from '../../lib/apache/directives/directive-table.js';

const PAGE = fileURLToPath(new URL('../../docs/apache.md', import.meta.url));

const HEAD = `# Apache httpd

This page says how to share sessions with Apache httpd, how to leave httpd, and what each directive of its session modules
becomes here. The contexts are: S server, V virtual host, D directory and location, H \`.htaccess\`. The reader of
configuration excerpts works by this same table; \`UPDATE_DOCS=1 npx vitest run test/docs\` writes it.
`;

const rowOf = ({ name, option, default: fallback, contexts, difference }: (typeof DIRECTIVES)[number]) =>
  `| ${['`' + name + '`', option, fallback, contexts, difference].join(' | ')} |`;

/** Returns the beginning of the page, up to its first heading of second rank. */
async function beginning(): Promise<string> {
  const rows = DIRECTIVES.map(rowOf);
  const table = [
    '| directive | option here | default | contexts | difference |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  return format(`${HEAD}\n${table.join('\n')}\n`, { parser: 'markdown', printWidth: 110 });
}

function pageParts(): [string, string] {
  const page = readFileSync(PAGE, 'utf8');
  const end = page.indexOf('\n## ');
  return [page.slice(0, end), page.slice(end)];
}

describe('docs/apache.md', () => {
  it('begins with the table that the reader works by', async () => {
    const table = await beginning();
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, table + pageParts()[1]);
    expect(DIRECTIVES.length).toBeGreaterThan(25);
    expect(pageParts()[0]).toBe(table);
  });

  it('has an answer to each of the 26 weaknesses', () => {
    const list = readFileSync(PAGE, 'utf8').split('\n## 26 weaknesses')[1]!.split('\n## ')[0]!;
    const items = [...list.matchAll(/^(\d+)\. \*\*[^]*?(?=^\d+\. |(?![^]))/gm)];
    expect(items.map(([, number]) => Number(number))).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
    for (const [item, number] of items)
      expect([number, item]).toEqual([number, expect.stringMatching(/\*\*[^*]+\*\* Here: /)]);
  });

  it('names no directive that does not exist', () => {
    const known = new Set(DIRECTIVES.map(({ name }) => name));
    const named =
      readFileSync(PAGE, 'utf8').match(/\b(?:Session(?:Crypto|DBD|Cookie)[A-Z]\w*|DBD[A-Z]\w+)/g) ?? [];
    const invented = ['SessionCryptoDigest', 'SessionCryptoIV', 'SessionCryptoModule'];
    expect([...new Set(named)].filter((name) => !known.has(name) && !invented.includes(name))).toEqual([]);
  });
});

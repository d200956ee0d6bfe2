import * as php from '../../lib/php/index.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { PHP_SETTINGS, type PhpSetting } from '../../lib/php/ini/settings-table.js';
import { REMOVED_SETTINGS } from '../../lib/php/ini/removed-settings.js';

const read = (page: string) =>
  readFileSync(fileURLToPath(new URL(`../../docs/${page}`, import.meta.url)), 'utf8');
const PAGE = fileURLToPath(new URL('../../docs/php.md', import.meta.url));

const HEAD = `# PHP

This table lists PHP's session settings and the options of this package. The defaults are those compiled into PHP 8.2, and
later ones that differ. The column "hardened" has the values that PHP's manual recommends. The reader of php.ini works by
the same table. Run \`UPDATE_DOCS=1 npx vitest run test/docs\` to write it again.
`;

const COLUMNS = ['setting', 'default', 'range', 'option here', 'hardened', 'versions', 'difference'];

const code = (text: string) => (text === '' ? 'empty' : '`' + text + '`');
const rowOf = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const defaultsOf = ({ defaults: { '8.2': first, ...later } }: PhpSetting) =>
  [code(first), ...Object.entries(later).map(([version, text]) => `${version}: ${code(text)}`)].join('; ');
const versionsOf = ({ since, deprecated }: PhpSetting) =>
  [since && `since ${since}`, deprecated && `deprecated since ${deprecated}`].filter(Boolean).join(', ');
const optionOf = ({ option, offered }: PhpSetting) =>
  offered || !option ? option : `${option}, not offered yet`;

const settingRow = (setting: PhpSetting) => {
  const { name, range, hardened, difference } = setting;
  const limits = typeof range === 'string' ? range : range.join(' to ');
  return rowOf([
    code(name),
    defaultsOf(setting),
    limits,
    optionOf(setting),
    hardened,
    versionsOf(setting),
    difference,
  ]);
};
const removedRow = ({ name, removed, instead }: (typeof REMOVED_SETTINGS)[number]) =>
  rowOf([code(name), '', '', '', '', `removed in ${removed}`, instead]);

/** What the page begins with, up to its first heading of second rank. */
async function beginning(): Promise<string> {
  const rows = [...PHP_SETTINGS.map(settingRow), ...REMOVED_SETTINGS.map(removedRow)];
  const table = [rowOf(COLUMNS), rowOf(COLUMNS.map(() => '---')), ...rows];
  return format(`${HEAD}\n${table.join('\n')}\n`, { parser: 'markdown', printWidth: 110 });
}

function pageParts(): [string, string] {
  const page = read('php.md');
  const end = page.indexOf('\n## ');
  return [page.slice(0, end), page.slice(end)];
}

describe('docs/php.md', () => {
  it('begins with the table that the reader works by', async () => {
    const table = await beginning();
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, table + pageParts()[1]);
    expect(PHP_SETTINGS.length).toBeGreaterThan(30);
    expect(pageParts()[0]).toBe(table);
  });

  it('says of every option that is not there that it is not offered yet, and of no other', () => {
    const options = read('options.md');
    for (const { name, option, offered } of PHP_SETTINGS.filter((one) => one.option.startsWith('`'))) {
      const path = /^`([\w.]+)/.exec(option)![1]!;
      expect([name, offered]).toEqual([name, path in php || options.includes('| `' + path + '` ')]);
    }
  });

  it('says of each surprise what is done here', () => {
    const list = read('php.md').split('\n## Where PHP is surprising')[1]!.split('\n## ')[0]!;
    const items = [...list.matchAll(/^(\d+)\. \*\*[^]*?(?=^\d+\. |(?![^]))/gm)];
    expect(items.length).toBeGreaterThanOrEqual(16);
    expect(items.map(([, number]) => Number(number))).toEqual(items.map((_, i) => i + 1));
    for (const [item, number] of items)
      expect([number, item]).toEqual([
        number,
        expect.stringMatching(/\*\*[^*]+\*\*\s+(?:Here: |Not offered yet)/),
      ]);
  });

  it('names no setting that does not exist', () => {
    const known = new Set<string>([...PHP_SETTINGS, ...REMOVED_SETTINGS].map(({ name }) => name));
    const ours = new Set([
      'session.idleTimeout',
      'session.absoluteTimeout',
      'session.commitTimeout',
      'session.load',
      'session.graceTime',
      'session.match',
    ]);
    const named = read('php.md').match(/(?<!redis\.)\bsession\.[a-z]\w*(?:\.[a-z_]+)?/g) ?? [];
    expect(named.length).toBeGreaterThan(60);
    expect([...new Set(named)].filter((name) => !known.has(name) && !ours.has(name))).toEqual([]);
  });
});

import type { Command } from 'commander';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit-codes.js';
import { programOf, run } from '../../lib/cli/run.js';
import { pathOf } from '../../lib/cli/usage-error-of.js';
import { capture } from '../unit/cli/support/site.js';

const PAGE = fileURLToPath(new URL('../../docs/cli.md', import.meta.url));
const HEAD = '## Every command\n';

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
const COMMANDS = allOf(programOf(capture().output))
  .filter((command) => !command.commands.length)
  .map(pathOf);

async function helpOf(path: string): Promise<string> {
  const { said, output } = capture();
  await run([...path.split(' ').slice(1), '--help'], output);
  return said.out;
}

async function manual(): Promise<string> {
  const parts: string[] = [];
  for (const path of COMMANDS) parts.push(`### ${path}\n\n\`\`\`text\n${await helpOf(path)}\`\`\`\n`);
  return parts.join('\n');
}

describe('docs/cli.md', () => {
  it('has the help of every command', async () => {
    const text = readFileSync(PAGE, 'utf8');
    const page = `${text.slice(0, text.indexOf(HEAD) + HEAD.length)}\n${await manual()}`;
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('has every exit status', () => {
    const rows = readFileSync(PAGE, 'utf8')
      .match(/^\| \d+ /gm)!
      .map((row) => Number(row.slice(2)));
    expect(rows.filter((one) => one !== 2)).toEqual(Object.values(EXIT));
  });

  it('calls npx by the name of this package: npx would fetch another one that has the name of the command', () => {
    const folder = fileURLToPath(new URL('../../docs/', import.meta.url));
    const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
    expect(
      pages.filter((name) => readFileSync(folder + name, 'utf8').includes('npx session-crypto')),
    ).toEqual([]);
  });

  it('names every command in its table', () => {
    const prose = readFileSync(PAGE, 'utf8').split(HEAD)[0]!;
    for (const path of COMMANDS) expect(prose).toContain(path.replace('session-crypto ', ''));
  });
});

import { readdirSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { SessionStateError, type SessionStateCode } from 'nestjs-session-crypto';
import { EXIT } from '../../lib/cli/exit-codes.js';
import { LINES } from '../../lib/errors/log-lines.js';
import { QUESTIONS } from '../support/twelve-questions.js';
import { isPlain, messagesOf, read, ROWS, urlOf, withValue, type Row } from './option-rows.js';

const PAGE = 'docs/operations.md';
const OFTEN = { always: 'each', minute: '5 a minute', tenMinutes: '1 in 10 minutes' } as const;

/** The cells of the rows below a heading whose first cell is code. */
function table(heading: string, columns: number): string[][] {
  const section = read(PAGE)
    .split(/^## /m)
    .find((part) => part.startsWith(`${heading}\n`))!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
    .filter(({ length }) => length === columns);
}

const firsts = (rows: string[][]): string[] => rows.map(([first]) => first!.replaceAll('`', ''));

/** Every file of lib, parsed. */
const FILES = (readdirSync(urlOf('lib'), { recursive: true }) as string[])
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ts.createSourceFile(name, read(`lib/${name}`), ts.ScriptTarget.Latest, true));

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

/** What `find` gives for the nodes of files, with the names of the files. */
function found(find: (node: ts.Node) => string | undefined, files = FILES): { file: string; text: string }[] {
  const all: { file: string; text: string }[] = [];
  for (const file of files)
    visit(file, (node) => {
      const text = find(node);
      if (text !== undefined) all.push({ file: file.fileName, text });
    });
  return all;
}

const textOf = (node: ts.Node): string | undefined => (ts.isStringLiteralLike(node) ? node.text : undefined);

/** Those who write elsewhere than to the log: the command line to its streams, and `nest add` to its own logger. */
const OTHER_OUTPUT = /^(?:cli|nest-add)\//;

/** Node's own codes, which this package looks for. */
const OF_NODE = /^ERR_(?:CHILD_PROCESS|CRYPTO|HTTP|MODULE|REQUIRE|UNKNOWN)_/;

describe('the lines of the log in docs/operations.md', () => {
  const rows = table('The log', 5);

  it('are those of the code, with their levels and limits', () => {
    const lines = Object.entries(LINES).map(([name, { level, limit }]) => [
      `\`${name}\``,
      level,
      OFTEN[limit],
    ]);
    expect(rows.map((row) => row.slice(0, 3))).toEqual(lines);
  });

  it('are all written somewhere', () => {
    const used = new Set(
      found(textOf)
        .filter(({ file }) => file !== 'errors/log-lines.ts')
        .map(({ text }) => text),
    );
    expect(Object.keys(LINES).filter((name) => !used.has(name))).toEqual([]);
  });

  it('are written by the log of sessions alone', () => {
    const files = FILES.filter(({ fileName }) => !OTHER_OUTPUT.test(fileName) && fileName !== 'nest-log.ts');
    const writers = found((node) => {
      if (ts.isImportSpecifier(node) && (node.propertyName ?? node.name).text.endsWith('Logger'))
        return node.getText();
      if (!ts.isPropertyAccessExpression(node)) return undefined;
      return /^(?:console\.\w+|process\.std(?:out|err))$/.test(node.getText()) ? node.getText() : undefined;
    }, files);
    expect(writers).toEqual([]);
  });

  it('are beside the warnings of the process, each with its code', () => {
    const codes = found((node) => {
      if (!ts.isCallExpression(node) || node.expression.getText() !== 'process.emitWarning') return undefined;
      return /code: '(\w+)'/.exec(node.arguments.at(-1)!.getText())?.[1] ?? 'none';
    });
    expect(codes.map(({ text }) => text).toSorted()).toEqual(firsts(table('The log', 3)).toSorted());
  });
});

describe('the error codes in docs/operations.md', () => {
  const rows = table('Error codes', 4);

  it('are those of the code', () => {
    const isOurs = (text: string) => /^ERR_[A-Z_]+$/.test(text) && !OF_NODE.test(text);
    const names = (node: ts.Node) =>
      ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) ? node.name.text : textOf(node);
    const codes = new Set(found(names).flatMap(({ text }) => (isOurs(text) ? [text] : [])));
    expect(firsts(rows).toSorted()).toEqual([...codes].toSorted());
  });

  it('have the status that is sent', () => {
    const states = rows.filter(([code]) => /`ERR_SESSION_(?!CONFIG|STORE|DRIVER|REQ|NOT|INS)/.test(code!));
    expect(states.length).toBeGreaterThan(15);
    for (const [code, status] of states)
      expect([code, new SessionStateError(code!.slice(1, -1) as SessionStateCode, '').statusCode]).toEqual([
        code,
        Number(status),
      ]);
  });
});

describe('the start faults in docs/operations.md', () => {
  const plain = ROWS.filter(isPlain);

  it('has what the start says of each option with a wrong value', async () => {
    const [head, tail] = read(PAGE).split(/<!-- start faults -->[^]*?<!-- end of start faults -->/) as [
      string,
      string,
    ];
    const rows = plain.map((row) => `| \`${row.path}\` | ${faultOf(row).replaceAll('|', '\\|')} |`);
    const lines = [
      '<!-- start faults -->',
      '',
      '| option | what the start says of a wrong value |',
      '| --- | --- |',
    ];
    const page = [head, ...lines, ...rows, '', '<!-- end of start faults -->', tail].join('\n');
    const formatted = await format(page.replace(/\n{3,}/g, '\n\n'), { parser: 'markdown', printWidth: 110 });
    if (process.env['UPDATE_DOCS']) writeFileSync(urlOf(PAGE), formatted);
    expect(read(PAGE)).toBe(formatted);
  });

  it.each(plain)('refuses a wrong value of $path', (row) => {
    expect(faultOf(row)).not.toBe('');
  });

  it('names every other place that a fault can name', () => {
    const paths = found(
      (node) => {
        if (!ts.isPropertyAssignment(node) || node.name.getText() !== 'path') return undefined;
        return textOf(node.initializer);
      },
      FILES.filter(({ fileName }) => !OTHER_OUTPUT.test(fileName)),
    );
    const ofOption = (path: string) =>
      ROWS.some((row) => row.path === path || row.path.startsWith(`${path}.`));
    const heads = paths.map(({ text }) => text.split(/[.[(]/)[0]!).filter((one) => /^\w+$/.test(one));
    const others = new Set(heads.filter((one) => !ofOption(one)));
    const named = firsts(table('Start faults', 3)).flatMap((cell) => cell.split(', '));
    expect(named.toSorted()).toEqual([...others].toSorted());
  });
});

it('the twelve questions in docs/operations.md are those that a test asks', () => {
  const [, section] = /^## Twelve questions\n([^]*?)^## /m.exec(read(PAGE))!;
  const asked = [...section!.matchAll(/^\| ([A-Z][^|]*\?) +\|/gm)].map(([, question]) => question!.trim());
  expect(asked).toEqual(QUESTIONS);
});

it('the exit statuses in docs/operations.md are those of the command line', () => {
  const rows = table('Exit statuses of the command line', 4).map(([status, name]) => [status, name]);
  expect(rows).toEqual(Object.entries(EXIT).map(([name, status]) => [`\`${status}\``, name]));
});

/** What the start says of an option whose value is of a kind that it does not allow. */
function faultOf({ path, allowed }: Row): string {
  const wrong = /^\d(?!.*letters)/.test(allowed) ? 'soon' : /^(?:true|false)/.test(allowed) ? 'maybe' : 7;
  const lines = messagesOf(withValue(path, wrong)).split('\n');
  return lines.find((line) => line.trim().startsWith(`- ${path}`))?.replace(/^\s*- /, '') ?? '';
}

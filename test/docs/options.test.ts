import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import ts from 'typescript';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const PAGE = 'docs/options.md';

const HEAD = `# Options

Everything that \`SessionCryptoModule.forRoot()\` takes. Durations are seconds. Made from \`lib/options/options.interface.ts\`
by \`UPDATE_DOCS=1 npx vitest run test/docs\`. A wrong option stops the start, and all faults are listed at once.

\`forRoot({ …options, isGlobal, name, mount })\` takes three more in the same object; with \`forRootAsync\` they stand beside
\`useFactory\`, not in what it returns. \`isGlobal\` (true); \`name\` (\`'default'\`: each of several sessions has its own, and by
default its own cookie, \`__Host-sid-NAME\`); \`mount\` (true: the middleware covers all routes; else apply
\`SessionService.middleware\` yourself).
`;

/** Rows of one interface, and of the interfaces that its members are of. */
function rowsOf(file: ts.SourceFile, name: string, path: string): string[] {
  const found = file.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text === name,
  ) as ts.InterfaceDeclaration;
  return membersOf(file, found.members, path);
}

function membersOf(file: ts.SourceFile, members: ts.NodeArray<ts.TypeElement>, path: string): string[] {
  return members.flatMap((member) => {
    const { name, type } = member as ts.PropertySignature;
    const at = path + (name as ts.Identifier).text;
    if (type && ts.isTypeLiteralNode(type)) return membersOf(file, type.members, `${at}.`);
    const row = rowOf(file, member as ts.PropertySignature, at);
    if (type && ts.isUnionTypeNode(type))
      return [row, ...type.types.flatMap((one) => groupOf(file, one, at))];
    const group = groupOf(file, type, at);
    return group.length ? group : [row];
  });
}

/** Rows of a type that is a group of options. */
function groupOf(file: ts.SourceFile, type: ts.TypeNode | undefined, at: string): string[] {
  const group = type && ts.isTypeReferenceNode(type) ? type.typeName.getText(file) : '';
  return group.endsWith('Options') ? rowsOf(file, group, `${at}.`) : [];
}

function rowOf(file: ts.SourceFile, member: ts.PropertySignature, path: string): string {
  const tags = ts.getJSDocTags(member);
  const doc = (ts.getJSDocCommentsAndTags(member)[0] as ts.JSDoc | undefined)?.comment;
  const tag = (name: string) =>
    written(
      file,
      tags.filter((one) => one.tagName.text === name),
    );
  const cells = [`\`${path}\``, textOf({ comment: doc }), tag('default'), tag('see')];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** The text of tags as it stands in the source: the parser would take the first word of a `@see` for a name. */
const written = (file: ts.SourceFile, tags: readonly ts.JSDocTag[]) =>
  tags
    .map((tag) =>
      tag
        .getText(file)
        .replace(/^@\w+\s*/, '')
        .replace(/[\s*]+/g, ' ')
        .trim(),
    )
    .join('; ');

const textOf = ({ comment }: { comment?: string | ts.NodeArray<ts.JSDocComment> }) =>
  ts.getTextOfJSDocComment(comment) ?? '';

it('docs/options.md says what the option types say', async () => {
  const source = read('lib/options/options.interface.ts');
  const file = ts.createSourceFile('options.ts', source, ts.ScriptTarget.Latest, true);
  const rows = rowsOf(file, 'SessionCryptoOptions', '');
  const table = ['| option | meaning | default | as in |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const page = await format(`${HEAD}\n${table}\n`, { parser: 'markdown', printWidth: 110 });
  if (process.env['UPDATE_DOCS'])
    writeFileSync(fileURLToPath(new URL(`../../${PAGE}`, import.meta.url)), page);
  expect(rows.length).toBeGreaterThan(30);
  expect(read(PAGE)).toBe(page);
});

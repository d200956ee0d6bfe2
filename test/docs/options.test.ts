import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { SessionConfigError, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { resolveOptions } from '../../lib/options/resolve-options.js';

const urlOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(urlOf(path), 'utf8');
const FOLDER = 'lib/options';
const PAGE = 'docs/options.md';

const HEAD = `# Options

This page lists everything that \`SessionCryptoModule.forRoot()\` takes. Durations are whole seconds unless an option names
another unit. Ranges include both ends. A wrong option stops the start, and the error lists all faults at once.

\`forRoot({ …options, isGlobal, name, mount })\` takes three more options in the same object. \`forRootAsync\` takes them
beside \`useFactory\`, not in the object that the factory returns.

- \`isGlobal\` (default \`true\`): all modules see the session's providers.
- \`name\` (default \`'default'\`): the name of the session. Each of several sessions has its own name, and by default its own
  cookie, \`__Host-sid-NAME\`.
- \`mount\` (default \`true\`): the middleware covers all routes. With \`false\`, apply \`SessionService.middleware\` yourself.

The table is made from the comments in \`lib/options/*-options.interface.ts\` by \`UPDATE_DOCS=1 npx vitest run test/docs\`.
`;

/** One option, as its comment describes it. */
interface Row {
  readonly path: string;
  readonly meaning: string;
  readonly allowed: string;
  readonly initial: string;
  readonly see: string;
}

const FILES = readdirSync(urlOf(FOLDER))
  .filter((name) => /^(?:.*-)?options\.interface\.ts$/.test(name) && !name.startsWith('resolved'))
  .map((name) => ts.createSourceFile(name, read(`${FOLDER}/${name}`), ts.ScriptTarget.Latest, true));

/** The interface `name`, in whatever file of the folder it is. */
function interfaceOf(name: string): ts.InterfaceDeclaration | undefined {
  const all = FILES.flatMap((file) => file.statements.filter(ts.isInterfaceDeclaration));
  return all.find((one) => one.name.text === name);
}

/** Rows of the members, each followed by the rows of the groups that its type names. */
function membersOf(members: ts.NodeArray<ts.TypeElement>, path: string): Row[] {
  return members.flatMap((member) => {
    const { name, type } = member as ts.PropertySignature;
    const row = rowOf(member as ts.PropertySignature, path + (name as ts.Identifier).text);
    const described = row.allowed || row.initial ? [row] : [];
    return [...described, ...groupsOf(type, row.path)];
  });
}

/** Rows of each group of options that a type is, offers as an alternative, or is a list of. */
function groupsOf(type: ts.TypeNode | undefined, path: string): Row[] {
  if (!type) return [];
  if (ts.isTypeLiteralNode(type)) return membersOf(type.members, `${path}.`);
  if (ts.isUnionTypeNode(type)) return type.types.flatMap((one) => groupsOf(one, path));
  if (ts.isTypeOperatorNode(type)) return groupsOf(type.type, path);
  if (ts.isArrayTypeNode(type)) return placesOf(type.elementType, path);
  const group = ts.isTypeReferenceNode(type) ? interfaceOf(type.typeName.getText()) : undefined;
  return group ? membersOf(group.members, `${path}.`) : [];
}

/** A context repeats the groups of the base options, so only its own members get rows. */
function placesOf(type: ts.TypeNode, path: string): Row[] {
  const group = ts.isTypeReferenceNode(type) ? interfaceOf(type.typeName.getText()) : undefined;
  return (group?.members ?? [])
    .map((member) => rowOf(member as ts.PropertySignature, `${path}[].${member.name!.getText()}`))
    .filter(({ allowed }) => allowed);
}

function rowOf(member: ts.PropertySignature, path: string): Row {
  const comment = (ts.getJSDocCommentsAndTags(member)[0] as ts.JSDoc | undefined)?.comment;
  const tags = ts.getJSDocTags(member);
  const tag = (name: string) => written(tags.filter((one) => one.tagName.text === name));
  const meaning = (ts.getTextOfJSDocComment(comment) ?? '').replaceAll('\n', ' ');
  return { path, meaning, allowed: tag('allowed'), initial: tag('default'), see: tag('see') };
}

/** The text of tags as it is in the source: the parser would take the first word of a `@see` for a name. */
const written = (tags: readonly ts.JSDocTag[]) =>
  tags
    .map((tag) =>
      tag
        .getText()
        .replace(/^@\w+\s*/, '')
        .replace(/\s*\n[\s*]*/g, ' ')
        .trim(),
    )
    .join('; ');

/** Contexts are tested with the base options; the groups of options that are off are not in force. */
const isPlain = ({ path }: Row) =>
  !/\[\]|^(?:id\.(?:refererCheck|transSid)|crypto\.ring|session\.maxPerSubject)\./.test(path);

const ROWS = membersOf(interfaceOf('SessionCryptoOptions')!.members, '');

const lineOf = ({ path, meaning, allowed, initial, see }: Row) =>
  `| ${[`\`${path}\``, meaning, allowed, initial, see].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** The least options that start, with `value` at `path`. */
function withValue(path: string, value: unknown): SessionCryptoOptions {
  const groups = path.split('.');
  const inner = groups.reduceRight<unknown>(
    (member, name) => (name.endsWith('[]') ? { [name.slice(0, -2)]: [member] } : { [name]: member }),
    value,
  ) as object;
  const { crypto, ...others } = inner as { crypto?: object };
  return { crypto: { secrets: ['a passphrase of the docs'], ...crypto }, ...others } as SessionCryptoOptions;
}

function messagesOf(options: SessionCryptoOptions): string {
  try {
    resolveOptions(options);
    return '';
  } catch (error) {
    if (error instanceof SessionConfigError) return error.message;
    throw error;
  }
}

describe('docs/options.md', () => {
  it('says what the option types say', async () => {
    const head = ['| option | meaning | allowed | default | as in |', '| --- | --- | --- | --- | --- |'];
    const table = [...head, ...ROWS.map(lineOf)].join('\n');
    const page = await format(`${HEAD}\n${table}\n`, { parser: 'markdown', printWidth: 110 });
    if (process.env['UPDATE_DOCS']) writeFileSync(urlOf(PAGE), page);
    expect(ROWS.length).toBeGreaterThan(60);
    expect(read(PAGE)).toBe(page);
  });

  it.each(ROWS)('has the meaning, the allowed values and the default of $path', (row) => {
    const isGroup = row.path === 'id.refererCheck';
    expect(row.meaning).toMatch(/\.$/);
    expect(row.initial).not.toBe('');
    expect(row.allowed === '').toBe(isGroup);
  });

  it.each(ROWS.filter(({ allowed }) => /^\d+ to \d+$/.test(allowed)))(
    'has the range that is checked: $path is $allowed',
    ({ path, allowed }) => {
      const [min, max] = allowed.split(' to ').map(Number) as [number, number];
      for (const value of [min - 1, max + 1])
        expect(messagesOf(withValue(path, value))).toMatch(
          new RegExp(`${path}: is ${value}; allowed is a whole number of \\w+ from ${min} to ${max}`),
        );
    },
  );

  it.each(
    ROWS.filter(({ allowed }) => /^(?:'[\w-]+'|true|false)(?:, (?:'[\w-]+'|true|false))*$/.test(allowed)),
  )('has the choices that are checked: $path is $allowed', ({ path, allowed }) => {
    const choices = allowed.replaceAll("'", '"').split(', ').toSorted();
    const all = messagesOf(withValue(path, 'nothing of the kind'));
    const said = all.split('\n').find((line) => line.includes(`- ${path}: `)) ?? all; // a group may lack another option
    const listed = /(?:allowed are|it has) ([^;\n]*)/.exec(said)?.[1] ?? '';
    expect(listed.split(', ').map(quoted).toSorted()).toEqual(choices);
  });

  it.each(
    ROWS.filter(isPlain).filter(({ initial }) =>
      /^(?:'[\w/-]*'|\d+|true|false|\[.*\]|\{.*\})$/.test(initial),
    ),
  )('has the default that is in force: $path is $initial', ({ path, initial }) => {
    const value = new Function(`return ${initial}`)() as unknown;
    expect(resolvedText(withValue(path, value))).toBe(resolvedText(withValue('cookie', {})));
  });
});

const quoted = (text: string) => (/^(?:"|true|false)/.test(text) ? text : `"${text}"`);

const resolvedText = (options: SessionCryptoOptions) => JSON.stringify(resolveOptions(options));

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { SessionConfigError, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { resolveOptions } from '../../lib/options/resolve-options.js';

export const urlOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const read = (path: string) => readFileSync(urlOf(path), 'utf8');
const FOLDER = 'lib/options';

/** One option, as its comment describes it. */
export interface Row {
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
export const isPlain = ({ path }: Row) =>
  !/\[\]|^(?:id\.(?:refererCheck|transSid)|crypto\.ring|session\.maxPerSubject)\./.test(path);

export const ROWS = membersOf(interfaceOf('SessionCryptoOptions')!.members, '');

/** The least options that start, with `value` at `path`. */
export function withValue(path: string, value: unknown): SessionCryptoOptions {
  const groups = path.split('.');
  const inner = groups.reduceRight<unknown>(
    (member, name) => (name.endsWith('[]') ? { [name.slice(0, -2)]: [member] } : { [name]: member }),
    value,
  ) as object;
  const { crypto, ...others } = inner as { crypto?: object };
  return { crypto: { secrets: ['a passphrase of the docs'], ...crypto }, ...others } as SessionCryptoOptions;
}

export function messagesOf(options: SessionCryptoOptions): string {
  try {
    resolveOptions(options);
    return '';
  } catch (error) {
    if (error instanceof SessionConfigError) return error.message;
    throw error;
  }
}

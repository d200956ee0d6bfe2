import type { Node, ObjectLiteralElementLike, SourceFile } from 'typescript';
import { SECRET_NAME } from './env-file.js';
import type { ProjectTools } from './project-tools.js';

const MODULE = 'SessionCryptoModule';

/** What the module gets beside the secret. */
export interface ModuleChange {
  /** Whether the sessions are in Postgres, through the DataSource of TypeOrmModule. */
  readonly postgres: boolean;
}

/** Returns whether a source calls `SessionCryptoModule.forRoot()` or `forRootAsync()`. */
export function hasForRoot(source: string, tools: ProjectTools): boolean {
  if (!source.includes(MODULE)) return false;
  const { ts } = tools;
  const isCall = (node: Node): boolean =>
    (ts.isPropertyAccessExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === MODULE &&
      /^forRoot(?:Async)?$/.test(node.name.text)) ||
    ts.forEachChild(node, (child) => isCall(child) || undefined) === true;
  return isCall(parse(source, tools));
}

/** Returns the source of AppModule with `SessionCryptoModule.forRoot()` at the end of its `imports`, so that a ConfigModule
 *  before it has read .env. Without such a ConfigModule the source reads .env itself. Returns `undefined` if it has not
 *  exactly one `@Module()` whose imports a program can change. */
export function withSessions(
  source: string,
  { postgres }: ModuleChange,
  tools: ProjectTools,
): string | undefined {
  if (!hasOneOpenModule(source, tools)) return undefined;
  const store = postgres ? '\n      store: typeOrmStore(),' : '';
  const readsEnv = !configReadsEnv(source, tools);
  const secret = readsEnv ? SECRET_NAME : `process.env.${SECRET_NAME}`;
  const call = `${MODULE}.forRoot({\n      crypto: { secrets: [${secret}] },${store}\n    })`;
  const inserted = new tools.MetadataManager(source.replaceAll('\r\n', '\n')).insert('imports', call);
  if (!inserted?.includes(call)) return undefined;
  const spread = inserted.replace(`[${call}]`, `[\n    ${call},\n  ]`);
  const changed = withTop(spread, linesOf(readsEnv, postgres), tools);
  return source.includes('\r\n') ? changed.replaceAll('\n', '\r\n') : changed;
}

/** Returns whether a source has one `@Module()` only, whose imports stand in a list or are not there. An `imports` that was added
 *  behind `...base` or beside `imports` without a list would replace those. */
function hasOneOpenModule(source: string, { ts }: ProjectTools): boolean {
  const literals: boolean[] = [];
  const isOpen = (property: ObjectLiteralElementLike): boolean => {
    if (ts.isSpreadAssignment(property)) return false;
    if (property.name?.getText().replace(/['"]/g, '') !== 'imports') return true;
    return ts.isPropertyAssignment(property) && ts.isArrayLiteralExpression(property.initializer);
  };
  const visit = (node: Node): void => {
    if (ts.isDecorator(node) && /^@Module\b/.test(node.getText())) {
      const [options] = ts.isCallExpression(node.expression) ? node.expression.arguments : [];
      literals.push(
        options !== undefined && ts.isObjectLiteralExpression(options) && options.properties.every(isOpen),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(source, { ts }));
  return literals.length === 1 && literals[0]!;
}

interface TopLines {
  readonly imports: readonly (readonly [names: string, from: string])[];
  readonly statements: string;
}

/** Returns what AppModule needs above its class. */
function linesOf(readsEnv: boolean, postgres: boolean): TopLines {
  return {
    imports: [
      ...(readsEnv ? READERS : []),
      [MODULE, 'nestjs-session-crypto'],
      ...(postgres ? [['typeOrmStore', 'nestjs-session-crypto/typeorm'] as const] : []),
    ],
    statements: readsEnv ? READ_ENV : '',
  };
}

const READERS = [
  ['existsSync, readFileSync', 'node:fs'],
  ['parseEnv', 'node:util'],
] as const;

/** Node's own reader of .env; what the environment has counts more. `process.loadEnvFile()` would be shorter, but Jest gives
 *  tests a copy of `process.env`, which it does not change. */
const READ_ENV = `
// A server can have ${SECRET_NAME} in its environment instead.
const { ${SECRET_NAME} } = {
  ...(existsSync('.env') && parseEnv(readFileSync('.env', 'utf8'))),
  ...process.env,
};
`;

/** Returns whether a ConfigModule of this source puts what .env has into `process.env`. */
function configReadsEnv(source: string, { ts }: ProjectTools): boolean {
  const reads = (node: Node): boolean =>
    (ts.isCallExpression(node) &&
      node.expression.getText() === 'ConfigModule.forRoot' &&
      readsEnv(node.arguments[0]?.getText() ?? '')) ||
    ts.forEachChild(node, (child) => reads(child) || undefined) === true;
  return reads(parse(source, { ts }));
}

/** Options of a ConfigModule, as they are written. */
const readsEnv = (options: string): boolean =>
  !options.includes('ignoreEnvFile') &&
  (!options.includes('envFilePath') || /(['"`])(?:\.\/)?\.env\1/.test(options));

/** Returns the source with imports behind its last one, quoted as it quotes, and with statements behind them. */
function withTop(source: string, { imports, statements }: TopLines, { ts }: ProjectTools): string {
  const declarations = parse(source, { ts }).statements.filter((one) => ts.isImportDeclaration(one));
  const quote = declarations[0]?.moduleSpecifier.getText()[0] ?? "'";
  const isThere = (name: string): boolean =>
    declarations.some((one) => new RegExp(`\\b${name}\\b`).test(one.importClause?.getText() ?? ''));
  const lines = imports
    .map(([names, from]) => [names.split(', ').filter((name) => !isThere(name)), from] as const)
    .filter(([names]) => names.length > 0)
    .map(([names, from]) => `import { ${names.join(', ')} } from ${quote}${from}${quote};\n`);
  const end = declarations.at(-1)?.end ?? 0;
  const rest = source.slice(end).replace(/^[^\S\n]*\n/, '');
  const head = end ? `${source.slice(0, end)}\n` : '';
  return `${head}${lines.join('')}${statements.replaceAll("'", quote)}${rest}`;
}

const parse = (source: string, { ts }: Pick<ProjectTools, 'ts'>): SourceFile =>
  ts.createSourceFile('app.module.ts', source, ts.ScriptTarget.Latest, true);

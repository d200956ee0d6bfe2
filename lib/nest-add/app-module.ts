import type { Node, SourceFile } from 'typescript';
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
 *  before it has read .env. Without a ConfigModule the source reads .env itself. Returns `undefined` if it has no
 *  `@Module({ imports: [...] })` that a program can change. */
export function withSessions(
  source: string,
  { postgres }: ModuleChange,
  tools: ProjectTools,
): string | undefined {
  const store = postgres ? '\n      store: typeOrmStore(),' : '';
  const call = `${MODULE}.forRoot({\n      crypto: { secrets: [process.env.${SECRET_NAME}] },${store}\n    })`;
  const inserted = new tools.MetadataManager(source.replaceAll('\r\n', '\n')).insert('imports', call);
  if (!inserted?.includes(call)) return undefined;
  const spread = inserted.replace(`[${call}]`, `[\n    ${call},\n  ]`);
  const changed = withTop(spread, linesOf(spread, postgres, tools), tools);
  return source.includes('\r\n') ? changed.replaceAll('\n', '\r\n') : changed;
}

interface TopLines {
  readonly imports: readonly (readonly [name: string, from: string])[];
  readonly statements: string;
}

/** Returns what AppModule needs above its class. */
function linesOf(source: string, postgres: boolean, tools: ProjectTools): TopLines {
  const readsEnv = !callsConfig(source, tools);
  return {
    imports: [
      ...(readsEnv ? [['existsSync', 'node:fs'] as const] : []),
      [MODULE, 'nestjs-session-crypto'],
      ...(postgres ? [['typeOrmStore', 'nestjs-session-crypto/typeorm'] as const] : []),
    ],
    statements: readsEnv ? LOAD_ENV : '',
  };
}

/** Node's own reader of .env; what the environment has counts more. */
const LOAD_ENV = `
// A server can have ${SECRET_NAME} in its environment instead.
if (existsSync('.env')) process.loadEnvFile('.env');
`;

const callsConfig = (source: string, { ts }: ProjectTools): boolean => {
  const isCall = (node: Node): boolean =>
    (ts.isPropertyAccessExpression(node) && node.getText().startsWith('ConfigModule.forRoot')) ||
    ts.forEachChild(node, (child) => isCall(child) || undefined) === true;
  return isCall(parse(source, { ts }));
};

/** Returns the source with imports behind its last one, quoted as it quotes, and with statements behind them. */
function withTop(source: string, { imports, statements }: TopLines, { ts }: ProjectTools): string {
  const declarations = parse(source, { ts }).statements.filter((one) => ts.isImportDeclaration(one));
  const quote = declarations[0]?.moduleSpecifier.getText()[0] ?? "'";
  const isThere = (name: string): boolean =>
    declarations.some((one) => new RegExp(`\\b${name}\\b`).test(one.importClause?.getText() ?? ''));
  const lines = imports
    .filter(([name]) => !isThere(name))
    .map(([name, from]) => `import { ${name} } from ${quote}${from}${quote};\n`);
  const end = declarations.at(-1)?.end ?? 0;
  const rest = source.slice(end).replace(/^[^\S\n]*\n/, '');
  const head = end ? `${source.slice(0, end)}\n` : '';
  return `${head}${lines.join('')}${statements.replaceAll("'", quote)}${rest}`;
}

const parse = (source: string, { ts }: Pick<ProjectTools, 'ts'>): SourceFile =>
  ts.createSourceFile('app.module.ts', source, ts.ScriptTarget.Latest, true);

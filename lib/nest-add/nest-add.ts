import { checkNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { hasForRoot, withSessions } from './app-module.js';
import { ignoresEnv, SECRET_NAME, withSecret } from './env-file.js';
import { addMigration, hasTypeOrm } from './migration-file.js';
import { loadProjectTools, type ProjectTools } from './project-tools.js';
import { sourcesBelow, type AddContext, type ProjectTree } from './project.interface.js';

/** The options of `nest add nestjs-session-crypto`. */
export interface NestAddOptions {
  /** The folder of the sources, which Nest's CLI passes.
   *  @default 'src' */
  sourceRoot?: string;
  /** The file that has the root module.
   *  @default `app.module.ts` in `sourceRoot` */
  module?: string;
  /** Where the sessions are: `cookie`, or `postgres` through TypeORM.
   *  @default 'cookie' */
  store?: 'cookie' | 'postgres';
}

const NAMES = { sourceRoot: true, module: true, store: true } as const;

/** Nest's CLI hands on its own flags besides. */
const FLAGS = /^(?:skipInstall|dryRun|project|[sdp])$/;

const STORES: readonly unknown[] = ['cookie', 'postgres'];

/** Returns the rule that `nest add` runs: it puts the module into AppModule, a secret into .env and, where TypeORM is, the
 *  migration beside the others. It prints what is left to do. If the module is there already, it changes nothing. Throws a
 *  SessionConfigError if an option is wrong or AppModule cannot be changed; then nothing is written. */
export function nestAdd(options: NestAddOptions = {}) {
  return (tree: ProjectTree, { logger }: AddContext): ProjectTree => {
    const { sourceRoot = 'src', module = `${sourceRoot}/app.module.ts`, store } = checked(options);
    const tools = loadProjectTools(process.cwd());
    const there = findForRoot(tree, `/${sourceRoot}`, tools);
    if (there)
      logger.info(`${there.slice(1)} has SessionCryptoModule.forRoot() already; nothing is changed.`);
    else addAll(tree, logger, { sourceRoot, module, postgres: store === 'postgres' }, tools);
    return tree;
  };
}

function checked(options: NestAddOptions): NestAddOptions {
  checkNames(
    'nest add',
    Object.fromEntries(Object.entries(options).filter(([name]) => !FLAGS.test(name))),
    NAMES,
  );
  const { store = 'cookie' } = options;
  if (STORES.includes(store)) return options;
  const found = typeof store === 'string' ? `"${String(store).slice(0, 40)}"` : kindOf(store);
  throw refusal('store', `is ${found}; allowed are cookie and postgres`);
}

const refusal = (option: string, message: string): SessionConfigError =>
  new SessionConfigError([{ path: `nest add --${option}`, message }]);

const findForRoot = (tree: ProjectTree, sourceRoot: string, tools: ProjectTools): string | undefined =>
  sourcesBelow(tree, sourceRoot).find((path) => hasForRoot(tree.readText(path), tools));

interface Place {
  readonly sourceRoot: string;
  readonly module: string;
  readonly postgres: boolean;
}

function addAll(tree: ProjectTree, logger: AddContext['logger'], place: Place, tools: ProjectTools): void {
  const typeorm = hasTypeOrm(tree);
  if (place.postgres && !typeorm)
    throw refusal(
      'store',
      'is "postgres", and package.json has no @nestjs/typeorm; npm install @nestjs/typeorm typeorm pg, ' +
        'or use pgStore() of nestjs-session-crypto/pg by hand',
    );
  changeModule(tree, place, tools);
  const hasNewEnv = !tree.exists('/.env');
  addSecret(tree);
  const migration = typeorm ? addMigration(tree, `/${place.sourceRoot}`) : undefined;
  if (!ignoresEnv(tree.exists('/.gitignore') ? tree.readText('/.gitignore') : ''))
    logger.warn('.env has a secret now, and .gitignore does not name it: add the line .env to .gitignore');
  logger.info(leftToDo(place, migration?.slice(1), hasNewEnv));
}

function changeModule(tree: ProjectTree, { module, postgres }: Place, tools: ProjectTools): void {
  const path = `/${module.replace(/^\.?\//, '')}`;
  if (!tree.exists(path))
    throw refusal('module', `${module} is not there; name the file of your root module`);
  const changed = withSessions(tree.readText(path), { postgres }, tools);
  if (changed === undefined)
    throw refusal(
      'module',
      `${module} has not exactly one @Module({ imports: [...] }) that a program can change; add SessionCryptoModule.forRoot(…) by hand`,
    );
  tree.overwrite(path, changed);
}

function addSecret(tree: ProjectTree): void {
  const isThere = tree.exists('/.env');
  const changed = withSecret(isThere ? tree.readText('/.env') : '');
  if (changed === undefined) return;
  if (isThere) tree.overwrite('/.env', changed);
  else tree.create('/.env', changed);
}

/** Returns what the user has to do himself, one line for each. */
function leftToDo({ postgres }: Place, migration: string | undefined, hasNewEnv: boolean): string {
  const created = [...(hasNewEnv ? ['.env'] : []), ...(migration ? [migration] : [])];
  const lines = [
    ...(hasNewEnv ? ['.env has a secret, so keep it from other users: chmod 600 .env'] : []),
    ...(migration
      ? [`Add ${migration} to the migrations of your DataSource, and run them before the start.`]
      : []),
    ...(migration && !postgres
      ? [
          'Sessions are in the cookie. For Postgres, add store: typeOrmStore() of nestjs-session-crypto/typeorm.',
        ]
      : []),
    `On the server, set ${SECRET_NAME} to a secret of its own: npx nestjs-session-crypto secret`,
    'Log in with await session.login(userId), and put @UseGuards(SessionGuard) on routes that need a login.',
    `git checkout . undoes the changes${created.length ? `; then delete what is new: ${created.join(', ')}` : ''}`,
  ];
  return ['Left to do:', ...lines.map((line) => `  - ${line}`)].join('\n');
}

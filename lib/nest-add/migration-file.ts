import { sourcesBelow, type ProjectTree } from './project.interface.js';

/** The time in the name of the migration, as `sessionMigration()` has it. */
const NAME = '1767225600000-create-session-table.ts';

const CONTENT = `import { sessionMigration } from 'nestjs-session-crypto/typeorm';

/** Creates the table of the sessions, and drops it on the way back. */
export class CreateSessionTable1767225600000 extends sessionMigration() {}
`;

/** Returns whether the project depends on @nestjs/typeorm. */
export function hasTypeOrm(tree: ProjectTree): boolean {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(tree.readText('/package.json')) as {
    dependencies?: object;
    devDependencies?: object;
  };
  return '@nestjs/typeorm' in { ...dependencies, ...devDependencies };
}

/** Creates a file with the migration of the session table beside the other migrations, and returns its path. Returns
 *  `undefined` if a source calls `sessionMigration()` already. */
export function addMigration(tree: ProjectTree, sourceRoot: string): string | undefined {
  const sources = sourcesBelow(tree, sourceRoot);
  if (sources.some((path) => tree.readText(path).includes('sessionMigration('))) return undefined;
  const other = sources.find((path) => /\/migrations?\/[^/]+$/.test(path));
  const path = `${other?.slice(0, other.lastIndexOf('/')) ?? `${sourceRoot}/migrations`}/${NAME}`;
  tree.create(path, CONTENT);
  return path;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The variable that gives a test the database of `npm run test:pg` in place of the embedded one. */
const VARIABLE = 'TEST_DATABASE_URL';
const IMPORT = /(?:from|import\() ?'(\.[^']+)\.js'/g;

/** Returns the test files of some folders whose result depends on the database: they read its variable, or import a file
 *  of the tests that does. All others run in `npm test` already, and would do the same here. */
export function testsOfDatabase(folders) {
  return folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.test.ts') && reaches(resolve(file), new Set()));
}

function reaches(file, seen) {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  return text.includes(VARIABLE) || importsOf(file, text).some((one) => reaches(one, seen));
}

const importsOf = (file, text) =>
  [...text.matchAll(IMPORT)].map(([, path]) => resolve(dirname(file), `${path}.ts`));

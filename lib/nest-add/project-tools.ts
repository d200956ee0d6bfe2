import { createRequire } from 'node:module';
import { join } from 'node:path';
import type typescript from 'typescript';

/** What the project's own Nest CLI brings: TypeScript, and Nest's way to put something into `@Module()`. */
export interface ProjectTools {
  readonly ts: typeof typescript;
  readonly MetadataManager: new (content: string) => {
    /** Returns the content with `symbol` in the list `metadata` of the first `@Module()`, or `undefined` if there is none. */
    insert(metadata: string, symbol: string): string | undefined;
  };
}

/** Loads the tools from where the project has them. Throws an error with an install command if they are missing. */
export function loadProjectTools(folder: string): ProjectTools {
  const require = createRequire(join(folder, 'package.json'));
  try {
    const schematics = require.resolve('@nestjs/schematics');
    const { MetadataManager } = require(schematics) as Pick<ProjectTools, 'MetadataManager'>;
    return { ts: createRequire(schematics)('typescript') as typeof typescript, MetadataManager };
  } catch (cause) {
    throw new Error(
      'nest add needs @nestjs/schematics and typescript: npm install --save-dev @nestjs/schematics typescript',
      { cause },
    );
  }
}

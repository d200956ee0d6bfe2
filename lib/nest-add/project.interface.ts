/** What `nest add` reads and writes: the part of a schematic's tree that we use. The paths begin with `/`, at the folder of the
 *  project's package.json. Nothing is written before the schematic has ended without an error. */
export interface ProjectTree {
  exists(path: string): boolean;
  readText(path: string): string;
  create(path: string, content: string): void;
  overwrite(path: string, content: string): void;
  getDir(path: string): ProjectFolder;
}

export interface ProjectFolder {
  readonly subfiles: readonly string[];
  readonly subdirs: readonly string[];
  dir(name: string): ProjectFolder;
}

/** The context of a schematic. */
export interface AddContext {
  readonly logger: { info(text: string): void; warn(text: string): void };
}

/** Returns the paths of all TypeScript files below a folder. */
export function sourcesBelow(tree: ProjectTree, path: string): string[] {
  const walk = (folder: ProjectFolder, at: string): string[] => [
    ...folder.subfiles.filter((name) => name.endsWith('.ts')).map((name) => `${at}/${name}`),
    ...folder.subdirs.flatMap((name) => walk(folder.dir(name), `${at}/${name}`)),
  ];
  return walk(tree.getDir(path), path);
}

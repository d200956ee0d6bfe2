// Bundles what TypeScript compiled (dist/lib) into the package (dist/): ES modules, CommonJS, types, and the command.
// What several entries share stands in files of its own, so that a class is one class whichever entry it comes from.
import { chmodSync, readFileSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { dts } from 'rollup-plugin-dts';
import { minifySync, parseSync } from 'vite';

const ENTRIES = JSON.parse(readFileSync(new URL('entries.json', import.meta.url), 'utf8'));

const names = Object.keys(ENTRIES).map((entry) => (entry === '.' ? 'index' : entry.slice(2)));
const compiled = (extension) =>
  Object.fromEntries(
    Object.values(ENTRIES).map((source, i) => [names[i], `./dist/${source.replace(/\.ts$/, extension)}`]),
  );

/** Node's modules and the peers stay imports: the application has them. */
const external = (id) => !id.startsWith('.') && !isAbsolute(id);

/** All that a module imports, and what that imports, except by `import()`. */
function importsOf(id, getModuleInfo, found = new Set()) {
  if (found.has(id)) return found;
  found.add(id);
  for (const next of getModuleInfo(id).importedIds) importsOf(next, getModuleInfo, found);
  return found;
}

/** The file of a room of lib/ that `.` loads. Few files load fast: with one for each room the import costs a third more.
 *  `crypto` needs nothing but Node, and `nest` is all that needs Nest. */
const PARTS = { errors: 'crypto', peers: 'crypto', crypto: 'crypto', envelope: 'crypto', nest: 'nest' };
const partOf = (room) => PARTS[room] ?? 'core';

/** What the entry `.` loads stands in files that `nameOf` gives, by the room that it is from; what is loaded later stands
 *  in files of its own. */
function loadedAtStart(nameOf) {
  let loaded;
  return (id, { getModuleInfo, getModuleIds }) => {
    loaded ??= importsOf([...getModuleIds()].find(isRoot), getModuleInfo);
    return loaded.has(id) && !external(id) ? nameOf(roomOf(id)) : undefined;
  };
}

const isRoot = (id) => /dist[\\/]lib[\\/]index\./.test(id);
const roomOf = (id) => /dist[\\/]lib[\\/]([^\\/]+)[\\/]/.exec(id)?.[1] ?? 'nest';

/** Names stay as they are, so that people can read them. */
const named = (extension, nameOf) => ({
  entryFileNames: `[name]${extension}`,
  chunkFileNames: ({ name }) => `parts/${name.replace(/\.d$/, '')}${extension}`,
  manualChunks: loadedAtStart(nameOf),
  minifyInternalExports: false,
  hoistTransitiveImports: false,
});

/** TypeScript's helpers for decorators ask `this` for others first; at the top of a module it has none. */
const context = 'this';

/** Says above the code of each module which one it is. */
const withNames = {
  name: 'with-names',
  transform(code, id) {
    const end = this.parse(code).body.findLast(({ type }) => type === 'ImportDeclaration')?.end ?? 0;
    const source = relative('dist', id).replaceAll('\\', '/').replace(/\.js$/, '.ts');
    return { code: `${code.slice(0, end)}\n// ${source}\n${code.slice(end)}`, map: null };
  },
};

/** Takes comments out of the code, so that the package stays below 2 MB; the types keep theirs, and so do the rooms that
 *  people review. */
const withoutComments = {
  name: 'without-comments',
  transform(code, id) {
    if (isReviewed(id)) return null;
    const comments = parseSync(id, code).comments.filter(({ start }) => !code.startsWith('#!', start));
    return { code: comments.toReversed().reduce(withoutComment, code), map: null };
  },
};

/** A comment that fills its lines takes them with it, and the break that TypeScript puts before one of a parameter. */
function withoutComment(code, { start, end }) {
  const before = code.slice(0, start).replace(/[ \t]+$/, '');
  const after = code.slice(end).replace(/^[ \t]+(?=\n)/, '');
  if (!/(?:^|\n)$/.test(before) || !/^(?:\n|$)/.test(after)) return before + after;
  const isParameter = /(?:\(|, )\n$/.test(before);
  return isParameter ? before.slice(0, -1) + after.trimStart() : before + after.slice(1);
}

/** People who review the cryptography read these rooms in the package too. The calls of foreign libraries in drivers are read
 *  in the repository. */
const isReviewed = (id) =>
  ['crypto', 'envelope', 'errors', 'peers'].includes(roomOf(id)) &&
  !/[\\/](?:nss|pkcs11|sodium)[\\/]/.test(id);

/** The template texts of a syntax tree. */
function templatesIn(node, found = []) {
  if (node.type === 'TemplateLiteral') found.push(node);
  for (const child of Object.values(node)) if (child && typeof child === 'object') templatesIn(child, found);
  return found;
}

/** TypeScript indents with four spaces, which are a tenth of the package. What a template says stays as it is. */
const indentedByTabs = {
  name: 'indented-by-tabs',
  renderChunk(code) {
    const templates = templatesIn(this.parse(code)).filter(({ start, end }) =>
      code.slice(start, end).includes('\n'),
    );
    const isText = (at) => templates.some(({ start, end }) => start < at && at < end);
    const indented = code.replace(INDENT, (indent, at) => (isText(at) ? indent : tabs(indent)));
    return { code: indented, map: null };
  },
};
const INDENT = /^(?: {4})+/gm;
const tabs = (indent) => '\t'.repeat(indent.length / 4);

/** Short names for variables, and no blanks unless there are `lines`. Classes keep their names, which errors and logs show. */
const shortened = (fileName, code, keepNames, lines) =>
  minifySync(fileName, code, {
    compress: { target: 'es2022', keepNames },
    mangle: { toplevel: true, keepNames },
    codegen: { removeWhitespace: !lines },
  }).code;

/** A file that ES modules and CommonJS share keeps its lines and the names of its functions, which stack traces show. What
 *  people review in the package stays as it was written: `crypto`, and the entry `.`. The source of all else is in the
 *  repository; each file says which modules it holds. */
const READABLE = ['index', 'crypto'];
const compact = (isShared) => ({
  name: 'compact',
  renderChunk(code, chunk) {
    if (READABLE.includes(chunk.name)) return null;
    const shared = isShared(chunk);
    const modules = code.match(/^\/\/ lib\/.+\n/gm) ?? [];
    const short = shortened(chunk.fileName, code, { function: shared, class: true }, shared);
    const [, first = '', rest] = /^(#!.*\n)?([^]*)$/.exec(short);
    return { code: first + modules.join('') + rest, map: null };
  },
});

/** A chunk that imports no package, directly or through others. Node can take it from CommonJS for both, so it is there once. */
const isPackageFree = (chunk, chunkOf, seen = new Set()) =>
  chunk.imports.every((file) => {
    if (seen.has(file)) return true;
    seen.add(file);
    const next = chunkOf(file);
    return next ? isPackageFree(next, chunkOf, seen) : file.startsWith('node:');
  });

const SHARED = new Map(); // the names of shared chunks, and what they export

/** Node looks for the names in each file of CommonJS that an ES module imports, which takes a millisecond for 5 KB. So the ES
 *  modules import a large file through a small one that has nothing but the names. */
const LARGE = 50_000;
const SMALL = new Set();
const namesOf = (fileName) => fileName.replace(/\.c?js$/, '.names.cjs');
const facadeOf = ({ name, exports }) =>
  `const all = require('./${name}.cjs');\n${exports.map((one) => `exports.${one} = all.${one};`).join('\n')}\n`;

/** Notes which files of CommonJS the ES modules share. */
const noteShared = {
  name: 'note-shared',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (!chunk.code || !isPackageFree(chunk, (file) => bundle[file])) continue;
      SHARED.set(chunk.name, new Set(chunk.exports));
      if (chunk.code.length > LARGE)
        this.emitFile({ type: 'asset', fileName: namesOf(chunk.fileName), source: facadeOf(chunk) });
      else SMALL.add(chunk.name);
    }
    for (const name of ESM_ONLY) delete bundle[`${name}.cjs`];
  },
};

/** Takes what is shared out of the CommonJS files. */
const takeShared = {
  name: 'take-shared',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (!chunk.code || !SHARED.has(chunk.name) || ESM_ONLY.includes(chunk.name)) continue;
      chunk.code = fromCommonJs(chunk);
    }
    for (const name of CJS_ONLY) delete bundle[`${name}.js`];
  },
};

function fromCommonJs({ name, fileName, exports }) {
  const odd = exports.filter((one) => one.includes('$') || !SHARED.get(name).has(one));
  if (odd.length)
    throw new Error(`${fileName}: two modules export ${odd.join(', ')}; names of shared files are unique`);
  const up = fileName.includes('/') ? '../../' : '../';
  const file = SMALL.has(name) ? fileName.replace(/\.js$/, '.cjs') : namesOf(fileName);
  return `export { ${exports.join(', ')} } from '${up}cjs/${file}';\n`;
}

/** Types have no templates of several lines. */
const typesWithTabs = {
  name: 'types-with-tabs',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) if (chunk.code) chunk.code = chunk.code.replace(INDENT, tabs);
  },
};

/** The names that entries export, as the declarations call them. */
const exportedBy = (code) =>
  [...code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) =>
    names.split(',').map(
      (name) =>
        name
          .trim()
          .replace(/^type /, '')
          .split(' ')[0],
    ),
  );

/** Classes that no entry exports keep no comments: nobody can name them, and their comments are in the repository. */
const publicComments = {
  name: 'public-comments',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter(({ code }) => code);
    const known = new Set(chunks.filter(({ isEntry }) => isEntry).flatMap(({ code }) => exportedBy(code)));
    for (const chunk of chunks) chunk.code = withoutInnerComments(chunk.code, known);
  },
};

function withoutInnerComments(code, known) {
  const { program, comments } = parseSync('types.d.ts', code);
  const inner = program.body.filter(({ type, id }) => type === 'ClassDeclaration' && !known.has(id.name));
  const ends = program.body.map(({ end }) => end);
  const isInner = ({ start }) =>
    inner.some(
      (node) => start < node.end && start >= Math.max(0, ...ends.filter((end) => end <= node.start)),
    );
  return comments.filter(isInner).toReversed().reduce(withoutComment, code);
}

const runnable = { name: 'runnable', writeBundle: () => chmodSync('dist/esm/cli.js', 0o755) };

/** CommonJS has the types of the ES modules: in Node `require` gives those too. */
const REEXPORT = (
  name,
) => `// Node 20.19 and later can require ES modules; TypeScript before 5.8 and \`module: node16\` do not know it.
// @ts-ignore
export * from '../esm/${name}.js';
`;
const typesOfCommonJs = {
  name: 'types-of-commonjs',
  generateBundle() {
    for (const name of names)
      this.emitFile({ type: 'asset', fileName: `${name}.d.cts`, source: REEXPORT(name) });
  },
};

/** What Nest's CLI reads for `nest add`. Its loader is CommonJS. */
const COLLECTION = {
  schematics: {
    'nest-add': {
      factory: './nest-add.cjs#nestAdd',
      description: 'Adds sessions to AppModule, and a secret to .env.',
    },
  },
};
const collection = {
  name: 'collection',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'collection.json', source: JSON.stringify(COLLECTION) });
  },
};

/** Without the step that lets one entry take types from another, since `./apache` would take some from `./typeorm` then. */
const types = { ...dts(), generateBundle: undefined };

/** The command is an ES module, and what Nest's CLI loads is CommonJS. Both builds have both, so that they make the same chunks. */
const ESM_ONLY = ['cli'];
const CJS_ONLY = ['nest-add'];
const input = {
  ...compiled('.js'),
  cli: './dist/lib/cli/main.js',
  'nest-add': './dist/lib/nest-add/nest-add.js',
};

export default [
  {
    input,
    external,
    context,
    plugins: [
      withoutComments,
      withNames,
      indentedByTabs,
      compact(({ name }) => !['nest', 'nest-add'].includes(name)),
      typesOfCommonJs,
      collection,
      noteShared,
    ],
    output: {
      dir: 'dist/cjs',
      format: 'cjs',
      esModule: true,
      interop: 'auto',
      // Jest's CommonJS has no `import()`.
      dynamicImportInCjs: false,
      ...named('.cjs', partOf),
    },
  },
  {
    input,
    external,
    context,
    plugins: [withoutComments, withNames, indentedByTabs, compact(() => true), takeShared, runnable],
    output: { dir: 'dist/esm', format: 'esm', ...named('.js', partOf) },
  },
  {
    input: compiled('.d.ts'),
    external,
    plugins: [types, publicComments, typesWithTabs],
    output: { dir: 'dist/esm', format: 'esm', ...named('.d.ts', () => 'types') },
  },
];

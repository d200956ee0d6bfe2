#!/usr/bin/env node
// What `import 'nestjs-session-crypto'` costs at the start of an application that has loaded Nest, and what it loads.
// Runs against dist/; see README.md.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, gate: { type: 'string' } },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const ours = import.meta.resolve('nestjs-session-crypto');
const expressSession = resolveFrom('bench/http', 'express-session');

/** A fresh process: Nest first, then one more package. Prints the CPU of both in microseconds. */
const COST = `
  const cpu = () => { const { user, system } = process.cpuUsage(); return user + system; };
  const begun = cpu();
  await import('@nestjs/core');
  await import('@nestjs/common');
  const nest = cpu();
  await import(process.argv[1]);
  console.log(JSON.stringify({ nest: nest - begun, after: cpu() - nest }));
`;

/** A fresh process: every script of the packages that it parses, as the debugger is told. */
const LOADED = `
  const { Session } = await import('node:inspector');
  await import('@nestjs/core');
  await import('@nestjs/common');
  const session = new Session();
  const urls = [];
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
  session.post('Debugger.enable');
  const before = urls.length;
  await import(process.argv[1]);
  console.log(JSON.stringify(urls.slice(before)));
`;

const run = (script, module) =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script, module], {
      cwd: root,
      encoding: 'utf8',
    }),
  );

function resolveFrom(folder, name) {
  const from = createRequire(new URL(`../${folder}/package.json`, import.meta.url));
  try {
    return pathToFileURL(from.resolve(name)).href;
  } catch {
    return undefined;
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const milliseconds = (microseconds) => `${(microseconds / 1000).toFixed(1)} ms`;

if (!existsSync(fileURLToPath(ours))) throw new Error('dist/esm is not there: npm run build');

const packages = {
  'nestjs-session-crypto': ours,
  ...(expressSession && { 'express-session': expressSession }),
};
const samples = Object.fromEntries(Object.keys(packages).map((name) => [name, []]));
// In turn, so that somebody else's load on the machine meets all of them alike.
for (let round = 0; round < Number(options.rounds); round++)
  for (const [name, module] of Object.entries(packages)) samples[name].push(run(COST, module));

const nest = median(
  Object.values(samples)
    .flat()
    .map((sample) => sample.nest),
);
console.log(`@nestjs/core and @nestjs/common: ${milliseconds(nest)} CPU`);
const shares = {};
for (const [name, list] of Object.entries(samples)) {
  shares[name] = median(list.map((sample) => sample.after / sample.nest));
  const after = median(list.map((sample) => sample.after));
  console.log(`${name} after them: ${milliseconds(after)} CPU, a share of ${shares[name].toFixed(3)}`);
}
if (!expressSession) console.log('express-session is not installed: npm install in bench/http');

const files = run(LOADED, ours)
  .filter((url) => url.startsWith('file:'))
  .map((url) => relative(root, fileURLToPath(url)));
const own = files.filter((file) => !file.includes('node_modules'));
console.log(`\n${own.length} modules of ours: ${own.join(', ')}`);
console.log(`${files.length - own.length} of other packages`);

if (options.gate && shares['nestjs-session-crypto'] > Number(options.gate)) {
  console.error(`the share is above ${options.gate}`);
  process.exitCode = 1;
}

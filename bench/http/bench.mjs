#!/usr/bin/env node
// npm run bench: fresh processes of every server, beside each other in one run, on one or several versions of Node.
// Writes bench/results/compare.jsonl as it goes, then docs/benchmark.md and docs/benchmark.svg. See ../README.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOf } from '../../test/package/node-line.mjs';
import { Batch } from './lib/batch.mjs';
import { madeWith, readOptions } from './lib/options.mjs';
import { median } from './lib/proc.mjs';
import { fileOf, readResults, resultsFile } from './lib/results.mjs';
import { chosen } from './lib/roster.mjs';
import { machine, surroundings } from './lib/surroundings.mjs';

const program = (path) => fileURLToPath(new URL(path, import.meta.url));
const args = process.argv.slice(2);
const also = (path, ...more) => execFileSync(process.execPath, [program(path), ...more], { stdio: 'inherit' });
if (args.some((one) => one.startsWith('--gate'))) {
  also('run.mjs', ...args);
  process.exit();
}
if (args.includes('--memory')) {
  memory(args.filter((one) => one !== '--memory'));
  also('report.mjs');
  process.exit();
}
const options = readOptions(args);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130)); // what was started ends, and what was measured stays
if (options.growth) also('growth.mjs', ...args);
else await compare();
also('report.mjs');
process.exit();

async function compare() {
  const servers = chosen(options.only);
  const file = fileOf(options.name);
  const begun = Date.now();
  const around = await surroundings(servers);
  const nodes = options.nodes.map((line) => ({ line, node: nodeOf(line) }));
  const versions = { ...around.versions, node: nodes.map(({ node }) => versionOf(node)) };
  const add = resultsFile(file, { options: madeWith(options), versions, machine: machine() }, options);
  if (!options.resume) for (const one of nodes) envelope(one, add);
  const done = new Set(readResults(file).filter(({ kind }) => kind === 'batch').map(({ node, process }) => `${node}/${process}`));
  const visitors = new Map();
  let longest = 0; // milliseconds of a batch but for the first, which also makes the sessions
  let batches = 0;
  for (let k = 0; k < options.processes; k++)
    for (const { line, node } of nodes) {
      if (done.has(`${line}/${k}`)) continue;
      const start = Date.now();
      if (options.minutes && start + longest - begun > options.minutes * 60_000) continue;
      const record = (result) => add({ node: line, process: k, ...result });
      await new Batch(around, visitors, { ...batchOptions(), lost: k === 0 }, record).run(servers, { node, port: options.port });
      if (batches++) longest = Math.max(longest, Date.now() - start);
      record({ kind: 'batch', seconds: (Date.now() - start) / 1000 });
      console.error(`Node ${line}, process ${k + 1} of ${options.processes}: ${Math.round((Date.now() - begun) / 1000)} s so far`);
    }
  add({ kind: 'end', seconds: (Date.now() - begun) / 1000 });
  await around.close();
}

/** All routes with the most sessions; the two that open a session also with fewer, to see whether the number matters. */
function batchOptions() {
  const many = Math.max(...options.sessions);
  const fewer = options.sessions.filter((count) => count !== many);
  const cells = [
    ...['N', 'R', 'W', 'C', 'R32'].map((route) => ({ route, sessions: many })),
    ...fewer.flatMap((sessions) => ['R', 'W'].map((route) => ({ route, sessions }))),
  ];
  return { ...options, connections: options.conns, cells };
}

/** memory.mjs prints its own table; the page gets the median RSS of each server. Its options are those of memory.mjs. */
function memory(given) {
  const raw = fileOf('memory').replace('.jsonl', '.json');
  mkdirSync(dirname(raw), { recursive: true });
  also('memory.mjs', ...given, '--json', raw);
  const head = { options: { given: given.join(' ') || 'all defaults' }, versions: { node: [process.versions.node] }, machine: machine() };
  const add = resultsFile(fileOf('memory'), head);
  for (const [server, processes] of Object.entries(JSON.parse(readFileSync(raw, 'utf8'))))
    add({ kind: 'memory', server, rss: median(processes.map(({ rss }) => rss)), processes: processes.length });
}

function versionOf(node) {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1);
}

/** Seal and open by themselves, beside bare calls of node:crypto. */
function envelope({ line, node }, add) {
  const rounds = options.short ? '5' : '21';
  const env = { ...process.env, ROUNDS: rounds };
  try {
    const out = execFileSync(node, [program('../crypto/envelope.mjs'), '--json'], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
    add({ kind: 'envelope', node: line, ...JSON.parse(out) });
  } catch (error) {
    add({ kind: 'fault', node: line, server: 'envelope', message: error.message });
    console.error(`envelope on Node ${line}: ${error.message}`);
  }
}

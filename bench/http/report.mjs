#!/usr/bin/env node
// Writes docs/benchmark.md between its markers, and the pictures, from what is in bench/results. Measures nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { goals, memoryRows } from './lib/goals.mjs';
import { growthSections } from './lib/growth-tables.mjs';
import { bars } from './lib/picture.mjs';
import { fileOf, readResults } from './lib/results.mjs';
import { isBare, isOurs, ROSTER } from './lib/roster.mjs';
import { median, Slices } from './lib/statistics.mjs';
import { costTable, goalTable, madeOf, number, table } from './lib/tables.mjs';

const docs = (name) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const BEGIN = '<!-- made by bench/http/report.mjs -->';
const END = '<!-- end -->';

/** The lines of a results file, its head, and its versions of Node. */
function resultsOf(kind) {
  const lines = readResults(fileOf(kind));
  return { lines, head: lines[0], nodes: [...new Set(lines.filter((one) => one.kind === 'slice').map(({ node }) => node))] };
}

const rssOf = (lines, node) => (name) =>
  median(lines.filter((one) => one.kind === 'rss' && one.node === node && one.server === name).map(({ rss }) => rss));

function goalsSection({ lines, head }, node, slices, many) {
  return [`## Goals, Node ${node}`, `Made with ${madeOf(head, slices.processes)}`, goalTable(goals(lines, node, slices, many))];
}

function costSection({ lines, head }, node, slices, many) {
  const fewer = head.options.sessions.filter((count) => count !== many);
  const tables = ['Express', 'Fastify'].flatMap((adapter) => {
    const servers = ROSTER.filter((server) => server.adapter === adapter && slices.slices.some((slice) => slice.server === server.name));
    return servers.length ? [`### ${adapter}, Node ${node}`, costTable(servers, slices, { many, fewer }, rssOf(lines, node))] : [];
  });
  return [`## Cost of a request, Node ${node}`, `Made with ${madeOf(head, slices.processes)}`, ...tables];
}

function faultSection({ lines }) {
  const faults = lines.filter((one) => one.kind === 'fault').map(({ node, process, server, message }) => [node, (process ?? 0) + 1, server, message.replaceAll('|', '\\|')]);
  return faults.length ? ['## What did not run', table(['Node', 'process', 'server', 'reason'], faults)] : [];
}

function compareSections() {
  const results = resultsOf('compare');
  if (!results.nodes.length) return ['No results yet: `npm run bench`.'];
  const many = Math.max(...results.head.options.sessions);
  const each = (section) => results.nodes.flatMap((node) => section(results, node, new Slices(results.lines, node), many));
  return [...each(goalsSection), ...each(costSection), ...faultSection(results)];
}

function memorySection() {
  const lines = readResults(fileOf('memory'));
  if (lines.length < 2) return [];
  const found = lines.filter((one) => one.kind === 'memory');
  const rows = found.map(({ server, rss, processes }) => [server, number(rss, 0), processes]);
  return ['## Memory', `Made with ${madeOf(lines[0])}`, table(['server', 'RSS MB, median', 'processes'], rows), goalTable(memoryRows(lines))];
}

function picture() {
  const { lines, head, nodes } = resultsOf('compare');
  if (!nodes.length) return bars('CPU of a request', 'Nothing was measured yet: npm run bench', []);
  const node = nodes.at(-1);
  const slices = new Slices(lines, node);
  const many = Math.max(...head.options.sessions);
  const group = (adapter, route, what) => ({ title: `${adapter}: ${what}`, bars: barsOf(slices, adapter, route, many) });
  const groups = ['Express', 'Fastify'].flatMap((adapter) => [group(adapter, 'R', 'a request that reads a session'), group(adapter, 'W', 'a request that changes it')]);
  const note = `µs, Node and store together; Node ${node}, ${many.toLocaleString('en')} sessions, median of ${slices.processes} processes, ${head.machine.date.slice(0, 10)}`;
  return bars('CPU of a request', note, groups.filter((one) => one.bars.length));
}

const barsOf = (slices, adapter, route, many) =>
  ROSTER.filter((server) => server.adapter === adapter && (!isBare(server) || route === 'R'))
    .map((server) => ({ label: server.label, ours: isOurs(server), value: slices.cell(server.name, route, many).median }))
    .filter(({ value }) => Number.isFinite(value));

const profile = () => readResults(fileOf('profile')).flatMap(({ markdown }) => (markdown ? [markdown] : []));

function page(sections) {
  const before = readFileSync(docs('benchmark.md'), 'utf8');
  const [head] = before.split(BEGIN);
  const tail = before.split(END)[1] ?? '\n';
  writeFileSync(docs('benchmark.md'), `${head}${BEGIN}\n\n${sections.join('\n\n')}\n\n${END}${tail}`);
}

writeFileSync(docs('benchmark.svg'), picture());
const profiles = profile();
page([
  ...compareSections(),
  ...memorySection(),
  ...growthSections((name, svg) => writeFileSync(docs(name), svg)),
  ...(profiles.length ? ['## Where the time goes', ...profiles] : []),
]);

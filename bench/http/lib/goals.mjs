// The goals of the issue, each with what it is measured by. Pure: the results come in, rows of a table go out.
import { isOurs, ROSTER, serverOf } from './roster.mjs';

const COOKIE = { Express: '50-ours-express-cookie', Fastify: '52-ours-fastify-cookie' };
const SODIUM = { Express: '57-ours-express-cookie-sodium', Fastify: '58-ours-fastify-cookie-sodium' };
const POSTGRES = { Express: '51-ours-express-pg', Fastify: '53-ours-fastify-pg' };
const REQ_SESSION = '56-ours-express-pg-req-session';
const REDIS = '59-ours-express-redis';
const BARE = { Express: '01-express-bare', Fastify: '02-fastify-bare' };
const LIMIT = { [COOKIE.Express]: '90-limit-express-cookie', [POSTGRES.Express]: '91-limit-express-pg', [COOKIE.Fastify]: '92-limit-fastify-cookie', [POSTGRES.Fastify]: '93-limit-fastify-pg' };

const compare = (ours, theirs, most) => ({ ours, theirs, most });
const ALL = { N: 1.25, R: 1.25, W: 1.25, C: 1.25 };

/** `most`: the largest ratio of CPU, node and store together, on each route. */
export const RATIOS = [
  ...['Express', 'Fastify'].flatMap((adapter) =>
    [COOKIE, SODIUM, POSTGRES].map((store) => compare(store[adapter], BARE[adapter], { N: 1.1 })),
  ),
  compare(COOKIE.Fastify, '30-fastify-secure', { R: 1.15, W: 1.25, C: 1.25 }),
  compare(SODIUM.Fastify, '30-fastify-secure', { R: 0.95, W: 1, C: 1 }),
  compare(COOKIE.Express, '20-express-cookiesession', { R: 0.85, W: 0.85, C: 0.9 }),
  compare(COOKIE.Express, '21-express-iron', { R: 0.35, W: 0.25 }),
  compare(POSTGRES.Express, '11-express-pgsimple', { R: 0.35, W: 0.75, C: 0.9 }),
  compare(POSTGRES.Fastify, '31-fastify-session-pg', { R: 0.6, W: 0.75, C: 0.85 }),
  ...Object.entries(LIMIT).map(([ours, limit]) => compare(ours, limit, ALL)),
  compare(REQ_SESSION, '11-express-pgsimple', { R: 0.6, W: 0.8 }),
  compare(REDIS, '14-express-redis', { R: 0.7, W: 0.9 }),
];

const row = (what, against, most, measured, labels) => {
  const short = measured.flatMap((value, i) => (value > most[i] ? [labels[i]] : []));
  const missing = measured.some((value) => !Number.isFinite(value));
  return { what, against, labels, most, measured, verdict: short.length ? `short: ${short.join(', ')}` : missing ? 'not measured' : 'met' };
};

const ROUTE_NAMES = { N: 'untouched', R: 'read', W: 'change', C: 'new' };
const nameOf = (name) => `${serverOf(name).adapter}: ${serverOf(name).label}`;

const ratioRow = (slices, sessions) => ({ ours, theirs, most }) => {
  const routes = Object.keys(most);
  const measured = routes.map((route) => slices.ratio(ours, theirs, route, sessions));
  return row(nameOf(ours), serverOf(theirs).label, Object.values(most), measured, routes.map((route) => ROUTE_NAMES[route]));
};

const cellsOf = (servers) => servers.flatMap(({ name }) => Object.keys(ROUTE_NAMES).map((route) => ({ name, route })));

/** The worst spread of a cell of ours. One process has none. */
function spreadRow(slices, sessions) {
  const all = cellsOf(ROSTER.filter(isOurs)).map((cell) => ({ ...cell, ...slices.cell(cell.name, cell.route, sessions) })).filter(({ count }) => count > 1);
  const worst = all.toSorted((a, b) => b.high - a.high)[0];
  const where = worst ? `, worst cell: ${nameOf(worst.name)}, ${ROUTE_NAMES[worst.route]}` : '';
  return row(`dearest process of each cell of ours${where}`, 'median process', [1.15], [worst?.high ?? NaN], ['spread']);
}

const SQL = { N: 0, R: 1, W: 2, C: 1, R32: 0.3 };
const SQL_SLACK = 0.02; // a prune or a touch between the requests
function statementRow(slices, sessions, name) {
  const routes = Object.keys(SQL);
  const measured = routes.map((route) => slices.counter(name, route, sessions, 'sql'));
  const made = row(nameOf(name), 'statements', Object.values(SQL).map((most) => most + SQL_SLACK), measured, ['untouched', 'read', 'change', 'new', '32 in flight']);
  return { ...made, most: Object.values(SQL) };
}

function lostRow(lines, node, name) {
  const found = lines.find((line) => line.kind === 'lost' && line.node === node && line.server === name);
  return row(nameOf(name), 'parallel changes lost of 20', [0], [found?.lost ?? NaN], ['lost']);
}

const FRAME_AND_ENVELOPE = 125;
const PAYLOAD = '{"d":}'.length;
/** The value of the cookie is base64url of the envelope of a session with so many bytes of data, exactly. */
function bytesRow(lines) {
  const found = lines.find((line) => line.kind === 'token' && line.server === COOKIE.Fastify);
  const exact = Math.ceil(((found?.size + PAYLOAD + FRAME_AND_ENVELOPE) * 4) / 3);
  const made = row(nameOf(COOKIE.Fastify), '4/3 (payload + 125)', [exact], [found?.bytes ?? NaN], ['bytes of the value of the cookie']);
  return found && found.bytes !== exact ? { ...made, verdict: 'short: bytes' } : made;
}

function envelopeRow(lines, node) {
  const ratio = lines.find((line) => line.kind === 'envelope' && line.node === node)?.ratios['seal + open, seen epoch 500'];
  return row('seal + open of 500 bytes, seen epoch', 'bare node:crypto', [1.2], [ratio ?? NaN], ['ratio']);
}

/** All goals for one version of Node. Ratios are measured with the largest number of sessions. */
export function goals(lines, node, slices, sessions) {
  return [
    ...RATIOS.map(ratioRow(slices, sessions)),
    spreadRow(slices, sessions),
    envelopeRow(lines, node),
    ...Object.values(POSTGRES).flatMap((name) => [statementRow(slices, sessions, name), lostRow(lines, node, name)]),
    bytesRow(lines),
  ];
}

/** RSS of ours over the bare adapter after the same requests, from a run with --memory. */
export function memoryRows(lines) {
  const rssOf = (name) => lines.find((line) => line.kind === 'memory' && line.server === name)?.rss ?? NaN;
  return ROSTER.filter(isOurs)
    .filter(({ name }) => Number.isFinite(rssOf(name)))
    .map(({ name, adapter }) => row(nameOf(name), 'MB over no session', [15], [rssOf(name) - rssOf(BARE[adapter])], ['memory']));
}

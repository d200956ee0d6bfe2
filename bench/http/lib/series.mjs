// The growth series: what the cost of a request does when one number grows. Each is a short run of its own.
import { serverOf } from './roster.mjs';

const FASTIFY_COOKIE = ['02-fastify-bare', '30-fastify-secure', '52-ours-fastify-cookie'];
const POSTGRES = ['11-express-pgsimple', '51-ours-express-pg', '31-fastify-session-pg', '53-ours-fastify-pg'];
const COOKIE_LIMIT = 2000; // bytes of JSON that every cookie store takes

const readAndChange = ['R', 'W'];
const servers = (names) => names.map(serverOf);

export const SERIES = {
  connections: {
    title: 'Connections',
    axis: 'connections that are kept alive',
    values: [1, 8, 32, 128, 512],
    servers: () => servers([...FASTIFY_COOKIE, ...POSTGRES]),
    routes: ['R'],
    apply: (connections) => ({ connections }),
  },
  sizes: {
    title: 'Size of a session',
    axis: 'bytes of JSON in a session',
    values: [100, 300, 1000, 2000, 10_000, 100_000],
    servers: (size) => servers(size > COOKIE_LIMIT ? POSTGRES : [...FASTIFY_COOKIE.slice(1), ...POSTGRES]),
    routes: readAndChange,
    anew: true,
    apply: (size) => ({ size, sessions: [200] }),
  },
  keys: {
    title: 'Keys in the ring',
    axis: 'keys',
    values: [1, 10, 100],
    servers: () => servers(['52-ours-fastify-cookie', '53-ours-fastify-pg']),
    routes: readAndChange,
    apply: (keys) => ({ env: { BENCH_KEYS: String(keys) } }),
  },
  stored: {
    title: 'Stored sessions',
    axis: 'rows in the table',
    values: [1_000, 10_000, 100_000, 1_000_000, 5_000_000],
    servers: () => servers(['11-express-pgsimple', '53-ours-fastify-pg', '93-limit-fastify-pg']),
    routes: readAndChange,
    apply: (rows) => ({ rows, sessions: [1000] }),
  },
};

/** Statements that fill the tables of the `stored` series up to so many rows, which look like sessions of this benchmark. */
export function fillStatements(rows) {
  const key = "sha256(('fill' || i)::bytea)";
  const each = `from generate_series((select count(*) from TABLE) + 1, ${rows}) i on conflict do nothing`;
  const into = (name, values) => `insert into ${name} select ${values} ${each.replace('TABLE', name)}`;
  const later = "date_trunc('hour', now()) + interval '25 hours'";
  return [
    into('sess_ours', `${key}, decode(repeat('ab', 430), 'hex'), null, now(), now(), ${later}, 1, 0`),
    into('sess_limit', `${key}, decode(repeat('ab', 330), 'hex'), 1, ${later}`),
    into('sess_pgsimple', `'fill' || i, json_build_object('n', 1, 'pad', repeat('a', 350)), ${later}`),
    'vacuum analyze sess_ours',
    'vacuum analyze sess_limit',
    'vacuum analyze sess_pgsimple',
  ];
}

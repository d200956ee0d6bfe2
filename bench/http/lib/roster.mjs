// Which servers there are, and what each is in the tables.
export const ROSTER = [
  { name: '01-express-bare', label: 'no session', adapter: 'Express', store: 'none' },
  { name: '20-express-cookiesession', label: 'cookie-session (signed only)', adapter: 'Express', store: 'cookie' },
  { name: '21-express-iron', label: 'iron-session', adapter: 'Express', store: 'cookie' },
  { name: '90-limit-express-cookie', label: 'limit, cookie', adapter: 'Express', store: 'cookie' },
  { name: '50-ours-express-cookie', label: 'ours, cookie, openssl', adapter: 'Express', store: 'cookie' },
  { name: '57-ours-express-cookie-sodium', label: 'ours, cookie, sodium', adapter: 'Express', store: 'cookie' },
  { name: '11-express-pgsimple', label: 'express-session + connect-pg-simple', adapter: 'Express', store: 'postgres' },
  { name: '13-express-typeorm', label: 'express-session + connect-typeorm', adapter: 'Express', store: 'postgres' },
  { name: '14-express-redis', label: 'express-session + connect-redis', adapter: 'Express', store: 'redis' },
  { name: '59-ours-express-redis', label: 'ours, Redis', adapter: 'Express', store: 'redis' },
  { name: '91-limit-express-pg', label: 'limit, Postgres', adapter: 'Express', store: 'postgres' },
  { name: '51-ours-express-pg', label: 'ours, Postgres', adapter: 'Express', store: 'postgres' },
  { name: '56-ours-express-pg-req-session', label: 'ours, Postgres, req.session', adapter: 'Express', store: 'postgres' },
  { name: '02-fastify-bare', label: 'no session', adapter: 'Fastify', store: 'none' },
  { name: '30-fastify-secure', label: '@fastify/secure-session', adapter: 'Fastify', store: 'cookie' },
  { name: '92-limit-fastify-cookie', label: 'limit, cookie', adapter: 'Fastify', store: 'cookie' },
  { name: '52-ours-fastify-cookie', label: 'ours, cookie, openssl', adapter: 'Fastify', store: 'cookie' },
  { name: '58-ours-fastify-cookie-sodium', label: 'ours, cookie, sodium', adapter: 'Fastify', store: 'cookie' },
  { name: '31-fastify-session-pg', label: '@fastify/session + connect-pg-simple', adapter: 'Fastify', store: 'postgres' },
  { name: '93-limit-fastify-pg', label: 'limit, Postgres', adapter: 'Fastify', store: 'postgres' },
  { name: '53-ours-fastify-pg', label: 'ours, Postgres', adapter: 'Fastify', store: 'postgres' },
  { name: '60-ours-fastify-redis', label: 'ours, Redis', adapter: 'Fastify', store: 'redis' },
];

export const isOurs = ({ name }) => name.includes('-ours-');
export const isBare = ({ name }) => name.endsWith('-bare');
export const serverOf = (name) => ROSTER.find((server) => server.name === name);

/** The servers whose names contain one of these, separated by commas; all without. */
export function chosen(only) {
  const words = only?.split(',').filter(Boolean) ?? [];
  return words.length ? ROSTER.filter(({ name }) => words.some((word) => name.includes(word))) : ROSTER;
}

/** The routes of a run. `R32` is a read with 32 requests in flight, which shows whether loads are joined. */
export const ROUTES = {
  N: { title: 'untouched', path: () => '/none', sends: true },
  R: { title: 'read', path: () => '/read', sends: true, counts: true },
  W: { title: 'change', path: () => '/write', sends: true, counts: true },
  C: { title: 'new', path: (size) => `/new?size=${size}`, sends: false },
  R32: { title: 'read, 32 in flight', path: () => '/read', sends: true, counts: true, connections: 32 },
};

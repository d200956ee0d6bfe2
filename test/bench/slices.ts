/** A line of a results file: one server, one route, one process. */
export const slice = (server: string, process: number, cpu: number, more: object = {}) => ({
  kind: 'slice',
  node: 20,
  server,
  route: 'R',
  sessions: 20_000,
  process,
  round: 0,
  cpu,
  store: 0,
  sql: 0,
  setCookie: 0,
  errors: 0,
  wrong: 0,
  ...more,
});

// Ours against the least that an encrypted session can do (the limit servers), paired within a round: the one
// comparison that a shared machine bears. SQL, losses and answers must be exact, CPU may be `limit` times the floor's.
import { median } from './proc.mjs';

const PAIRS = { '50-ours-express-cookie': '90-limit-express-cookie', '51-ours-express-pg': '91-limit-express-pg', '52-ours-fastify-cookie': '92-limit-fastify-cookie', '53-ours-fastify-pg': '93-limit-fastify-pg' };
const SQL = { N: 0, R: 1, W: 2, C: 1 };
/** Of the median slice: a prune or a periodic regeneration in between is no fault. */
const SQL_SLACK = 0.02;

/** Names in the order that puts both of a pair next to each other. */
export const gateNames = names => Object.entries(PAIRS).flat().filter(n => names.includes(n));

const total = x => x.cpu + x.dbCpu;
const sum = (xs, k) => xs.reduce((a, x) => a + x[k], 0);

/** One row a pair and workload, each with what is wrong with it. */
export function gate(servers, limit) {
  const rows = [];
  for (const [name, floorName] of Object.entries(PAIRS)) {
    const ours = servers.find(s => s.name === name), floor = servers.find(s => s.name === floorName);
    const missing = [ours ? '' : name, floor ? '' : floorName].filter(Boolean).map(n => `${n} did not run`);
    if (missing.length) { rows.push({ name, w: '-', faults: missing }); continue; }
    const pg = name.endsWith('-pg');
    for (const w of Object.keys(ours.r)) rows.push(w === 'P' ? parallel(name, pg, ours.r.P) : workload(name, w, pg, ours.r[w], floor.r[w], limit));
  }
  return rows;
}

function workload(name, w, pg, ours, floor, limit) {
  const row = {
    name, w,
    ratio: median(ours.map((x, i) => total(x) / total(floor[i]))),
    best: Math.min(...ours.map(total)) / Math.min(...floor.map(total)),
    ours: median(ours.map(total)), floor: median(floor.map(total)),
    setCookie: median(ours.map(x => x.setCookie)), sql: median(ours.map(x => x.sql)),
    wrong: sum(ours, 'bad'), errors: sum(ours, 'errors'), faults: [],
  };
  const sql = pg ? SQL[w] : 0;
  if (row.ratio > limit) row.faults.push(`CPU over ${limit} x the limit`);
  if (row.sql > sql + SQL_SLACK) row.faults.push(`SQL is more than ${sql}`); // loads of one tick go together
  if (row.wrong) row.faults.push('wrong answers');
  if (row.errors) row.faults.push('errors');
  return row;
}

function parallel(name, pg, ours) {
  const row = { name, w: 'P', lost: sum(ours, 'lost') / ours.length, errors: sum(ours, 'failed'), faults: [] };
  if (pg && row.lost) row.faults.push('lost updates');
  if (row.errors) row.faults.push('errors');
  return row;
}

const f = (x, d) => (x == null || Number.isNaN(x) ? '-' : x.toFixed(d));

export function printGate(rows, limit) {
  console.log(`\n### Gate: node + db CPU of ours against the limit, at most ${limit}\n`);
  console.log('| server | workload | CPU ratio (paired median) | of best slices | ours us | limit us | Set-Cookie B | SQL/req | lost of 20 | wrong | errors | verdict |\n|---|---|---|---|---|---|---|---|---|---|---|---|');
  for (const r of rows) console.log(`| ${r.name} | ${r.w} | ${f(r.ratio, 2)} | ${f(r.best, 2)} | ${f(r.ours, 0)} | ${f(r.floor, 0)} | ${f(r.setCookie, 0)} | ${f(r.sql, 2)} | ${f(r.lost, 1)} | ${r.wrong ?? '-'} | ${r.errors ?? '-'} | ${r.faults.join('; ') || 'ok'} |`);
}

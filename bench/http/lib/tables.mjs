// Tables in Markdown. Pure.
import { isOurs } from './roster.mjs';

export const number = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

export function table(heads, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

const figures = (values) => values.map((value) => number(value)).join(' / ');

/** One row a goal. */
export function goalTable(rows) {
  const cells = ({ what, against, labels, most, measured, verdict }) =>
    [what, against, labels.join(' / '), most.map((value) => number(value).replace(/\.?0+$/, '') || '0').join(' / '), figures(measured), verdict];
  return table(['what', 'against', 'of', 'at most', 'measured', ''], rows.map(cells));
}

/** Microseconds and, in brackets, the cheapest and the dearest process as multiples of the median one. */
function cost({ median, low, high, count }) {
  if (!count || !Number.isFinite(median)) return '–';
  const range = count > 1 ? ` (${number(low)}–${number(high)})` : '';
  return `${Math.round(median)}${range}`;
}

const ROUTES = ['N', 'R', 'W', 'C'];

/** One row a server: CPU of each route, with the spread between its processes. */
export function costTable(servers, slices, { many, fewer }, rssOf) {
  const heads = ['server', 'untouched', 'read', 'change', 'new', ...fewer.flatMap((count) => [`read, ${count} sessions`, `change, ${count} sessions`]), 'of it the store: read / change', 'statements: untouched / read / change / new', 'Set-Cookie B', 'RSS MB', 'errors, wrong'];
  const counter = (name, route, what) => slices.counter(name, route, many, what);
  const cells = (server) => {
    const { name, label } = server;
    return [
      isOurs(server) ? `**${label}**` : label,
      ...ROUTES.map((route) => cost(slices.cell(name, route, many))),
      ...fewer.flatMap((count) => ['R', 'W'].map((route) => cost(slices.cell(name, route, count)))),
      ['R', 'W'].map((route) => number(counter(name, route, 'store'), 0)).join(' / '),
      ROUTES.map((route) => number(counter(name, route, 'sql'))).join(' / '),
      number(counter(name, 'W', 'setCookie'), 0),
      number(rssOf(name), 0),
      wrongs(slices, name),
    ];
  };
  return table(heads, servers.map(cells));
}

function wrongs(slices, name) {
  const of = slices.slices.filter(({ server }) => server === name);
  const sum = (what) => of.reduce((all, slice) => all + slice[what], 0);
  return `${sum('errors')}, ${sum('wrong')}`;
}

/** How a table was made, so that a short run cannot pose as a long one. */
export function madeOf({ options, versions, machine }, processes) {
  const asked = processes === undefined || processes === options.processes ? '' : ` (${options.processes} were asked for)`;
  const count = processes === undefined ? '' : `${processes} ${processes === 1 ? 'process' : 'processes'} of each server${asked}, `;
  const store = [versions.postgres && `PostgreSQL ${versions.postgres}`, versions.redis && `Redis ${versions.redis}`].filter(Boolean);
  const how = Object.entries(options).filter(([name, value]) => value !== undefined && name !== 'processes' && name !== 'minutes').map(([name, value]) => `${name} ${value}`).join(', ');
  return `${count}${how}. ${machine.date} UTC; ${machine.processor}, ${machine.cores} cores, ${machine.memory}, ${machine.system}; ${['Node ' + versions.node.join(', '), ...store].join(', ')}; load at the start ${machine.load[0]}.`;
}

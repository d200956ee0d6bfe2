// The options of `npm run bench` and of the growth series.
import { parseArgs } from 'node:util';

const text = (value) => ({ type: 'string', default: value });
const flag = { type: 'boolean', default: false };
const OPTIONS = {
  processes: text('10'),
  nodes: text(process.versions.node.split('.')[0]),
  sessions: text('200,20000'),
  rounds: text('1'),
  seconds: text('0.5'),
  lead: text('0.3'),
  warm: text('3'),
  minutes: text('0'),
  conns: text('8'),
  size: text('300'),
  port: text('18500'),
  only: { type: 'string' },
  name: text('compare'),
  resume: flag,
  short: flag,
  growth: flag,
  series: { type: 'string' },
  stored: text('100000'),
};
/** A run to see that all works: its table says that it was short. */
const SHORT = { processes: '1', seconds: '0.2', warm: '0.4', sessions: '200,2000' };

const numbers = (list) => list.split(',').map(Number);

export function readOptions(args) {
  const short = args.includes('--short');
  const options = Object.entries(OPTIONS).map(([name, option]) => [name, short && SHORT[name] ? text(SHORT[name]) : option]);
  const { values } = parseArgs({ args, options: Object.fromEntries(options) });
  const number = ['processes', 'rounds', 'seconds', 'lead', 'warm', 'minutes', 'conns', 'size', 'port', 'stored'];
  const read = Object.fromEntries(number.map((name) => [name, numberOf(name, values[name])]));
  return { ...values, ...read, nodes: numbers(values.nodes), sessions: numbers(values.sessions) };
}

function numberOf(name, value) {
  const number = Number(value);
  if (!(number >= 0)) throw new Error(`--${name} ${value} is not a number of 0 or more`);
  return number;
}

/** What a table has to say about how it was made. */
export const madeWith = ({ processes, rounds, seconds, lead, warm, sessions, conns, size, minutes, only }) =>
  ({ processes, rounds, seconds, lead, warm, sessions, conns, size, minutes, only });

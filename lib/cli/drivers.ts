import { parseArgs } from 'node:util';
import { DRIVER_ROWS } from '../crypto/drivers/driver-rows.js';
import type { DriverParam, DriverRow } from '../crypto/drivers/driver-row.interface.js';
import { codeOf } from '../errors/session-store.error.js';
import type { Output } from './output.interface.js';

export const DRIVERS_USAGE = `  session-crypto drivers [--json]              says which drivers this machine can use, and why not the others
`;

/** A driver as it stands on this machine. */
interface DriverState {
  readonly name: string;
  readonly usable: boolean;
  /** Why it cannot be used; empty where it can. */
  readonly why: string;
  /** What has to be brought to it besides; empty where that is nothing. */
  readonly needs: string;
  readonly ciphers: readonly string[];
  readonly apacheCiphers: readonly string[];
  readonly params: readonly ParamState[];
}

interface ParamState {
  readonly name: string;
  readonly kind: DriverParam['kind'];
  readonly meaning: string;
  readonly usable: boolean;
  readonly why: string;
}

/** All drivers at the command line, in the order of the table. Resolves to exit status 0: asking is no fault. */
export async function drivers(args: string[], output: Output): Promise<number> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
  const states: DriverState[] = [];
  for (const row of DRIVER_ROWS) states.push(await stateOf(row));
  output.out(values.json ? `${JSON.stringify({ drivers: states }, null, 2)}\n` : textOf(states));
  return 0;
}

async function stateOf(row: DriverRow): Promise<DriverState> {
  const { name, needs = '', ciphers, cbcCiphers: apacheCiphers } = row;
  const why = await reasonOf(() => row.missing());
  const params: ParamState[] = [];
  for (const param of row.params) params.push(await paramState(param));
  return { name, usable: !why, why, needs, ciphers, apacheCiphers, params };
}

async function paramState(param: DriverParam): Promise<ParamState> {
  const { name, kind, meaning } = param;
  const why = await reasonOf(() => param.missing?.());
  return { name, kind, meaning, usable: !why, why };
}

async function reasonOf(missing: DriverRow['missing']): Promise<string> {
  try {
    return (await missing()) ?? '';
  } catch (error) {
    return `it cannot be looked at (${codeOf(error)})`;
  }
}

const INDENT = ' '.repeat(8);

function textOf(states: readonly DriverState[]): string {
  const names = states.filter(({ usable }) => usable).map(nameOf);
  const sum = `${names.length} of ${states.length} can be used here: ${names.join(', ')}`;
  return [...states.flatMap(linesOf), '', sum, ''].join('\n');
}

const nameOf = ({ name, needs }: DriverState): string => (needs ? `${name} (with ${needs})` : name);

function linesOf(state: DriverState): string[] {
  const { usable, why, ciphers, apacheCiphers, params } = state;
  return [
    `${(usable ? 'usable' : 'missing').padEnd(INDENT.length)}${nameOf(state)}`,
    ...(why ? [`${INDENT}why: ${why}`] : []),
    `${INDENT}ciphers: ${listOf(ciphers)}; of the Apache format: ${listOf(apacheCiphers)}`,
    ...params.map(paramLine),
  ];
}

const SAMPLES: Readonly<Record<DriverParam['kind'], string>> = {
  text: '=…',
  flag: '',
  integer: '=number',
  secret: '=secret',
};

function paramLine({ name, kind, meaning, why }: ParamState): string {
  return `${INDENT}${name}${SAMPLES[kind]}  ${meaning}${why && `; not here: ${why}`}`;
}

const listOf = (names: readonly string[]): string => names.join(', ') || 'none';

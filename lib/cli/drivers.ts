import type { Command } from 'commander';
import { DRIVER_ROWS } from '../crypto/drivers/driver-rows.js';
import type { DriverParam, DriverRow } from '../crypto/drivers/driver-row.interface.js';
import { codeOf } from '../errors/session-store.error.js';
import type { CommandIo } from './command-io.interface.js';
import { EXIT } from './exit-codes.js';
import { exits } from './exits.js';
import { withExample } from './help.js';
import { jsonOf, printableLines } from './printable.js';

/** A driver, as far as this machine can use it. */
interface DriverState {
  readonly name: string;
  readonly usable: boolean;
  /** The reason why the driver cannot be used; empty if it can. */
  readonly why: string;
  /** Something that the operator must provide and that cannot be looked for; empty if there is nothing. */
  readonly needs: string;
  /** Ciphers of the native format. */
  readonly ciphers: readonly string[];
  readonly apacheCiphers: readonly string[];
  readonly params: readonly ParamState[];
}

/** A parameter of a driver, as far as this machine can use it. */
interface ParamState {
  readonly name: string;
  readonly kind: DriverParam['kind'];
  readonly meaning: string;
  readonly usable: boolean;
  /** The reason why the parameter cannot be used; empty if it can. */
  readonly why: string;
}

/** `session-crypto drivers`: all drivers in the order of docs/drivers.md. It ends with 0, even if a driver cannot be used. */
export const addDriversCommands = (program: Command, io: CommandIo): Command =>
  withExample(
    program
      .command('drivers')
      .description('list the drivers that this machine can use, and why it cannot use the others')
      .option('--json', 'print JSON'),
    'session-crypto drivers',
  ).action(exits((flags: { json?: boolean }) => drivers(io, flags.json)));

async function drivers(io: CommandIo, json: boolean | undefined): Promise<number> {
  const states: DriverState[] = [];
  for (const row of DRIVER_ROWS) states.push(await stateOf(row));
  io.out(json ? jsonOf({ drivers: states }) : printableLines(textOf(states)));
  return EXIT.ok;
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

/** Returns the reason why something cannot be used, or an empty text. A check that throws is a reason too. */
async function reasonOf(missing: DriverRow['missing']): Promise<string> {
  try {
    return (await missing()) ?? '';
  } catch (error) {
    return `the check failed (${codeOf(error)})`;
  }
}

const INDENT = ' '.repeat(8);

function textOf(states: readonly DriverState[]): string {
  const names = states.filter(({ usable }) => usable).map(nameOf);
  const summary = `${names.length} of ${states.length} can be used here: ${names.join(', ')}`;
  return [...states.flatMap(linesOf), '', summary, ''].join('\n');
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

/** The text after a parameter's name that shows how to write its value. */
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

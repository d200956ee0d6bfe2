#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createTableSql, dropTableSql } from '../stores/typeorm/session-table.js';

const USAGE = `session-crypto: tools for nestjs-session-crypto

  session-crypto secret                      prints a new secret: 32 random bytes as "raw:…"
  session-crypto schema [--table NAME] [--schema NAME] [--down]
                                             prints the SQL of the session table
`;

function run(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      table: { type: 'string' },
      schema: { type: 'string' },
      down: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [command] = positionals;
  if (values.help || command === undefined) return print(USAGE);
  if (command === 'secret') return print(`raw:${randomBytes(32).toString('base64url')}\n`);
  if (command === 'schema')
    return print(
      (values.down ? dropTableSql(values) : createTableSql(values)).map((sql) => `${sql};\n`).join(''),
    );
  process.stderr.write(`session-crypto: "${command}" is unknown; there are secret and schema\n`);
  return 2;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`session-crypto: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

import type { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import type { CommandIo } from './command-io.interface.js';
import { withExample } from './help.js';

/** `session-crypto secret`: 32 random bytes as `raw:` and base64url. */
export const addSecretCommands = (program: Command, io: CommandIo): Command =>
  withExample(
    program.command('secret').description('print a new secret: 32 random bytes as "raw:…"'),
    'SESSION_SECRET=$(session-crypto secret)',
  ).action(() => io.out(`raw:${randomBytes(32).toString('base64url')}\n`));

import type { Command } from 'commander';
import type { CommandIo } from '../command-io.interface.js';
import { exits } from '../exits.js';
import { groupOf, withExample } from '../help.js';
import { withSessionFlags } from '../open-sessions.js';
import { explainInput, openInput, type LookFlags } from './look-at-cookies.js';
import { sealInput, type SealFlags } from './seal-cookie.js';

/** `session-crypto cookie`: what a cookie is. It comes on standard input, since others see the arguments of a process. */
export function addCookieCommands(program: Command, io: CommandIo): void {
  const cookie = groupOf(program, 'cookie', 'explain, open and seal the cookies of sessions');
  withExample(
    withNames(
      withSessionFlags(
        cookie
          .command('explain')
          .description('say what a cookie is, why it is accepted or refused, and when its session ends'),
      ),
    )
      .option('--show-data', 'show the subject and the values of the session')
      .option('--json', 'print JSON'),
    'pbpaste | session-crypto cookie explain --config session.options.mjs',
    'session-crypto cookie explain < cookie-header.txt',
  ).action(exits((flags: LookFlags) => explainInput(io, flags)));
  withExample(
    withNames(withSessionFlags(cookie.command('open').description('print what a session holds, as JSON'))),
    'session-crypto cookie open < cookie.txt | jq .data',
  ).action(exits((flags: LookFlags) => openInput(io, flags)));
  addSeal(cookie, io);
}

const many = (value: string, before: readonly string[] = []): string[] => [...before, value];

const withNames = (command: Command): Command =>
  command
    .option('--name <name>', 'try this cookie name too; may be repeated', many)
    .option('--audience <text>', 'try this crypto.audience too; may be repeated', many)
    .option('--tenant <text>', 'try this crypto.tenant too; may be repeated', many);

function addSeal(cookie: Command, io: CommandIo): void {
  withExample(
    withSessionFlags(
      cookie
        .command('seal')
        .description(
          'make a session from JSON on standard input, { "subject": …, "data": … }, and print its cookie',
        ),
    )
      .option('--plain', 'the cookie for plain http on this machine')
      .option('--context <n>', 'the number of a context in contexts, from 0 (default: the base options)')
      .option('--create', 'store the session: for a store on the server')
      .option('--value', 'print the value alone, not a Set-Cookie line')
      .option('--json', 'print JSON'),
    'echo \'{"subject":"42"}\' | session-crypto cookie seal --config session.options.mjs',
  ).action(exits((flags: SealFlags) => sealInput(io, flags)));
}

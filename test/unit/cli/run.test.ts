import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { programOf, run } from '../../../lib/cli/run.js';
import { pathOf } from '../../../lib/cli/usage-error-of.js';
import { capture } from './support/site.js';

async function call(...args: string[]) {
  const { said, output } = capture();
  return { status: await run(args, output), ...said };
}

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
const COMMANDS = allOf(programOf(capture().output)).map((command) => ({
  path: pathOf(command).split(' ').slice(1),
  isGroup: command.commands.length > 0,
}));

describe('session-crypto', () => {
  it.each([[[]], [['--help']], [['help']]])('explains itself for %j', async (args) => {
    const { status, out, err } = await call(...args);
    expect([status, err]).toEqual([0, '']);
    for (const { path } of COMMANDS.filter((one) => one.path.length === 1))
      expect(out).toMatch(new RegExp(`^  ${path[0]}\\b`, 'm'));
    expect(out).toContain('Exit status: 0 done; 1 nothing was found');
  });

  it.each(COMMANDS.filter(({ isGroup }) => !isGroup))(
    'has a help with an example for $path',
    async ({ path }) => {
      const { status, out, err } = await call(...path, '--help');
      expect([status, err]).toEqual([0, '']);
      expect(out).toMatch(/\nExamples?:\n {2}\S/);
      expect(out).not.toMatch(/\n\n\n/);
    },
  );

  it('prints its version', async () => {
    expect((await call('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['sesions'], `unknown command 'sesions'; is "sessions" meant? "session-crypto --help" says more`],
    [
      ['sessions', 'lits'],
      `unknown command 'lits'; is "list" meant? "session-crypto sessions --help" says more`,
    ],
    [
      ['sessions', 'count', '--jsno'],
      `unknown option '--jsno'; is "--json" meant? "session-crypto sessions count --help" says more`,
    ],
    [
      ['sessions', 'list'],
      `missing required argument 'subject'; "session-crypto sessions list --help" says more`,
    ],
    [['constructor'], `unknown command 'constructor'; "session-crypto --help" says more`],
    [['secret', '--of=hunter2'], `unknown option '--of'; "session-crypto secret --help" says more`],
    [['secret', 'hunter2'], /too many arguments for 'secret'\. Expected 0 arguments but got 1; /],
    [['schema', '--of'], /option '--of <table>' argument missing; /],
    [[`raw:${'k'.repeat(43)}`], /unknown command '…'; /],
    [['sessions', 'watch', '--interval', 'never'], /--interval is no number from/],
    [['sessions', 'watch', '--times', '1.5'], /--times is no whole number from 1 to/],
    [['keys', 'promote', 'first'], /the key needs its number/],
    [['keys', 'retire', 'first'], /the key needs its number/],
    [['keys', 'revoke', 'first'], /the key needs its number/],
    [['keys', 'reseal', '--batch', 'abc'], /--batch is no whole number from 1 to 10000/],
    [['keys', 'reseal', '--batch', '1e3'], /--batch is no whole number from 1 to 10000/],
    [['keys', 'reseal', '--after', 'hunter2'], /--after is no mark; copy it from the line/],
    [['convert', '--from', 'connect-redis', '--batch', '0x10'], /--batch is no whole number from 1 to 10000/],
    [['cookie', 'seal', '--context', 'last'], /--context is no whole number from 0 to/],
    [['sessions', 'count', '--config', 'a', '--module', 'b'], /both given/],
  ])('ends with 64 for %j, guesses what was meant, and repeats no value', async (args, message) => {
    const { status, out, err } = await call(...args);
    expect([status, out]).toEqual([64, '']);
    expect(err).toMatch(typeof message === 'string' ? `session-crypto: ${message}\n` : message);
    expect(err).not.toContain('hunter2');
  });

  it('ends with 64 for a group without a command, and shows what there is', async () => {
    const { status, out, err } = await call('sessions');
    expect([status, out]).toEqual([64, '']);
    expect(err).toContain('revoke-subject [options] <subject>');
  });

  it('has colours only where they are wanted', async () => {
    const { said, output } = capture({ colors: true });
    await run(['--help'], output);
    expect(said.out).toContain('\u001b[1mUsage:\u001b[22m');
    expect((await call('--help')).out).not.toContain('\u001b');
  });

  it('makes a new secret at each call', async () => {
    const [one, other] = [(await call('secret')).out, (await call('secret')).out];
    expect(one).toMatch(/^raw:[\w-]{43}\n$/);
    expect(other).not.toBe(one);
  });
});

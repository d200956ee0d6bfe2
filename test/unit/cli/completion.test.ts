import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { temporaryFolder } from '../../support/cleanup.js';
import { capture } from './support/site.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const has = (shell: Shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

async function scriptOf(shell: Shell): Promise<string> {
  const { said, output } = capture();
  expect(await run(['completion', shell], output)).toBe(0);
  return said.out;
}

/** fish writes into it. */
let home: string;
beforeAll(async () => {
  home = await temporaryFolder();
});

/** Runs a program in a shell without the user's own settings, and gives what it writes. */
function inShell(shell: string, args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], HOME: home, TERM: 'dumb' };
  const { stdout, stderr, status } = spawnSync(shell, args, { env, encoding: 'utf8', timeout: 20_000 });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const BASH = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _session_crypto; printf '%s\\n' "\${COMPREPLY[@]}"`;

/** An inner zsh, in a terminal of its own, gets a line with Tab and Enter. The function says how it was called. */
const ZSH = `
zmodload zsh/zpty
zpty inner "zsh -f -i"
zpty -w inner "PROMPT= RPROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source $1"
zpty -w inner 'session-crypto() { print -r -- "RA""N<$*>"; }; print "READ""Y"'
zpty -r -m inner seen '*READY*'
zpty -w -n inner "$2"$'\\t\\n'
zpty -r -m inner seen '*RAN<*>*'
print -r -- "\${\${seen##*RAN<}%%>*}"
zpty -d inner
`;

/** Returns what each shell offers behind the last word, or for zsh the line that it makes of it. */
const ASK: Readonly<Record<Shell, (script: string, line: string) => string[]>> = {
  bash: (script, line) =>
    inShell('bash', ['--norc', '-c', BASH, 'bash', script, ...line.split(' ')])
      .trim()
      .split('\n'),
  zsh: (script, line) => [inShell('zsh', ['-f', '-c', ZSH, 'zsh', script, line]).trim()],
  fish: (script, line) =>
    inShell('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`])
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0]!),
};

describe.each(SHELLS)('session-crypto completion %s', (shell) => {
  let script: string;
  beforeAll(async () => {
    script = join(await temporaryFolder(), `completion.${shell}`);
    writeFileSync(script, await scriptOf(shell));
  });
  const offered = (line: string) => ASK[shell](script, line);

  it('knows every command and option', async () => {
    const text = await scriptOf(shell);
    for (const word of ['revoke-subject', 'promote', 'doctor', '--fingerprint'])
      expect(text).toContain(shell === 'fish' ? word.replace('--', '') : word);
  });

  it.runIf(has(shell)).each([
    ['session-crypto doc', 'doctor', 'doctor'],
    ['session-crypto keys pro', 'promote', 'keys promote'],
    ['session-crypto sessions revoke-', 'revoke-subject', 'sessions revoke-subject'],
    ['session-crypto sessions count --est', '--estimate', 'sessions count --estimate'],
    ['session-crypto doctor --proxy-trust nam', 'named', 'doctor --proxy-trust named'],
    ['session-crypto completion fi', 'fish', 'completion fish'],
    ['session-crypto schema --json --dow', '--down', 'schema --json --down'],
  ])('completes "%s"', (line, word, whole) => {
    expect(offered(line)).toEqual([shell === 'zsh' ? whole : word]);
  });

  it.runIf(has(shell))('completes the name of a file', () => {
    const line = `session-crypto sessions count --config ${script.slice(0, -2)}`;
    expect(offered(line)).toEqual([shell === 'zsh' ? `sessions count --config ${script}` : script]);
  });
});

describe('session-crypto completion', () => {
  it.runIf(has('bash'))('offers in bash all that may follow', async () => {
    const script = join(await temporaryFolder(), 'completion.bash');
    writeFileSync(script, await scriptOf('bash'));
    const actions = ASK.bash(script, 'session-crypto keys ');
    expect(actions).toEqual(expect.arrayContaining(['list', 'add', 'promote', 'retire', 'revoke', 'reseal']));
    expect(ASK.bash(script, 'session-crypto keys --')).toEqual(['--help']);
  });

  it('refuses another shell', async () => {
    const { said, output } = capture();
    expect(await run(['completion', 'csh'], output)).toBe(64);
    expect(said.err).toContain('Allowed choices are bash, zsh, fish');
  });
});

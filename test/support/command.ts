import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandIo } from '../../lib/cli/command-io.interface.js';
import { run } from '../../lib/cli/run.js';
import { capture } from '../unit/cli/support/site.js';
import { temporaryFolder } from './cleanup.js';
import { SECRET } from './test-app.js';

/** What a command has ended with, and what it has written. */
export interface CommandEnd {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Writes a module that exports values of this process, because it cannot import the sources of this package. `before` is code in
 *  front of them. */
export async function exportingFile(values: Readonly<Record<string, unknown>>, before = ''): Promise<string> {
  const name = `values_${randomBytes(6).toString('hex')}`;
  (globalThis as Record<string, unknown>)[name] = values;
  const file = join(await temporaryFolder(), 'module.mjs');
  const lines = Object.keys(values).map((one) => `export const ${one} = globalThis.${name}.${one};`);
  writeFileSync(file, [before, ...lines].join('\n'));
  return file;
}

/** Runs one command with these options. */
export async function command(
  args: readonly string[],
  options: object,
  io: Partial<CommandIo> = {},
): Promise<CommandEnd> {
  const given = { crypto: { secrets: [SECRET] }, ...options };
  const file = await exportingFile({ options: () => given });
  const { said, output } = capture(io);
  const status = await run([...args, '--config', file], output);
  return { status, ...said };
}

/** A command that runs until it is interrupted. */
export class RunningCommand {
  readonly end: Promise<CommandEnd>;
  private readonly stop = new AbortController();
  private text = '';
  private heard: () => void = () => undefined;

  constructor(args: readonly string[], options: object) {
    const out = (text: string) => {
      this.text += text;
      this.heard();
    };
    this.end = command(args, options, { out, interruption: () => this.stop.signal });
  }

  /** Resolves when the output has this pattern. Rejects if the command ends before. */
  async says(pattern: RegExp): Promise<void> {
    const ended = this.end.then(({ status, err }) => {
      throw new Error(`ended with ${status}: ${err}${this.text}`);
    });
    while (!pattern.test(this.text))
      await Promise.race([new Promise<void>((resolve) => (this.heard = resolve)), ended]);
    ended.catch(() => undefined);
  }

  /** Interrupts the command, and resolves to its status and all its output. */
  async interrupt(): Promise<CommandEnd> {
    this.stop.abort();
    return { ...(await this.end), out: this.text };
  }
}

#!/usr/bin/env node
// The entry of the command `session-crypto`, which package.json names.
import { followPipes } from './closed-pipes.js';
import type { CommandIo } from './command-io.interface.js';
import { run } from './run.js';

const { stdin, stdout, stderr, env } = process;
const unread = followPipes(stdout, stderr, (status) => process.exit(status));
const isDumb = env['TERM'] === 'dumb';

const io: CommandIo = {
  in: stdin,
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  colors: stdout.isTTY === true && !env['NO_COLOR'] && !isDumb,
  interactive: stderr.isTTY === true && !isDumb,
  columns: (stdout.isTTY ? stdout : stderr).columns,
  now: Date.now,
  interruption() {
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    return AbortSignal.any([stop.signal, unread]);
  },
};

// A pool or a client of the operator's options would keep the process alive.
const flushed = (stream: NodeJS.WriteStream) => new Promise((done) => stream.write('', done));
async function main(): Promise<void> {
  const status = await run(process.argv.slice(2), io);
  await Promise.all([flushed(stdout), flushed(stderr)]);
  process.exit(status);
}

void main();

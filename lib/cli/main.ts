#!/usr/bin/env node
// The entry of the command `session-crypto`, which package.json names.
import { run } from './run.js';

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});

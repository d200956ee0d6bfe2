#!/usr/bin/env node
// Runs the contract suite on every driver, and the tests of each; what a driver lacks on this machine is a failure.
import { spawnSync } from 'node:child_process';

const selection = process.argv.slice(2);
const tests = selection.length ? selection : ['test/contract/drivers', 'test/unit/crypto/drivers'];
const { status } = spawnSync('npx', ['vitest', 'run', ...tests], {
  stdio: 'inherit',
  env: { ...process.env, DRIVERS_LIVE: '1' },
});
process.exitCode = status ?? 1;

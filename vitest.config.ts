import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { HungTests } from './test/support/hung-tests.js';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const entries = JSON.parse(readFileSync(source('entries.json'), 'utf8')) as Record<string, string>;

/** Tests that need a server or a browser: what says that it is there, their files, and the command that starts it. Without it, each
 *  file would begin a process only to skip. */
const LIVE = [
  ['TEST_DATABASE_URL', 'test/postgres/**', 'npm run test:pg'],
  ['REDIS_LIVE', 'test/redis/**', 'npm run test:redis'],
  ['APACHE_LIVE', 'test/apache/*.live.test.ts', 'npm run test:apache'],
  ['PHP_LIVE', 'test/php/*.live.test.ts', 'npm run test:php'],
  ['BROWSER_LIVE', 'test/e2e/*.browser.test.ts', 'npm run test:browser'],
] as const;
const leftOut = LIVE.filter(([name]) => process.env[name] === undefined);
// Vitest reads this file for each project.
if (!process.env['LEFT_OUT'])
  console.log(`left out: ${leftOut.map(([, files, command]) => `${files} (${command})`).join(', ')}`);
process.env['LEFT_OUT'] = 'told';

const ELSEWHERE = [
  // The tests of an application that is packed and installed elsewhere.
  'test/package/{gateways,recipes,nest-11}/**',
  ...leftOut.map(([, files]) => files),
];

/** Each of these files has a process of its own, and they run first. All others share one process for each core, so that
 *  Nest and our modules load once. */
const ALONE = [
  // They replace modules by `vi.mock`.
  'test/unit/php/sealed/{row-swap,subject-index}.test.ts',
  'test/unit/apache/sealing/passphrase-ring.test.ts',
  // They load native libraries, which a process sets up once, or look at the memory of one.
  'test/unit/crypto/drivers/**/*.test.ts',
  'test/contract/{drivers,ring-drivers}.test.ts',
  'test/unit/cli/drivers.test.ts',
  'test/e2e/{*driver*,engines/*,health,log-lines}.test.ts',
  // They start servers, browsers and other processes.
  'test/{apache,chaos,package,php,postgres,redis}/**/*.test.ts',
  'test/e2e/*.browser.test.ts',
  'test/e2e/{sample-app.start,shutdown}.test.ts',
  // They count what a process does or keeps.
  'test/e2e/{request-cost,growth}.test.ts',
  'test/unit/php/sealed/processes.test.ts',
  'test/docs/examples.test.ts',
];

export default defineConfig({
  resolve: {
    // The tests meet the sources, by the names that applications use.
    alias: Object.entries(entries).map(([entry, file]) => ({
      find: new RegExp(`^nestjs-session-crypto${entry.slice(1)}$`),
      replacement: source(file),
    })),
  },
  test: {
    // Vitest leaves one core idle by itself, which is half of a machine of two.
    maxWorkers: availableParallelism(),
    setupFiles: [source('test/support/end-of-file.ts')],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Something keeps a worker of the shared project, and nobody needs it after the last test.
    teardownTimeout: 1_000,
    env: { NODE_ENV: 'test' },
    reporters: ['default', new HungTests()],
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE, exclude: ELSEWHERE } },
      {
        extends: true,
        test: {
          name: 'shared',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, ...ELSEWHERE],
        },
      },
    ],
  },
});

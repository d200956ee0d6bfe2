import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const entries = JSON.parse(readFileSync(source('entries.json'), 'utf8')) as Record<string, string>;

export default defineConfig({
  resolve: {
    // The tests meet the sources, by the names that applications use.
    alias: Object.entries(entries).map(([entry, file]) => ({
      find: new RegExp(`^nestjs-session-crypto${entry.slice(1)}$`),
      replacement: source(file),
    })),
  },
  test: {
    include: ['test/**/*.test.ts'],
    // The tests of an application that is packed and installed elsewhere.
    exclude: ['test/package/gateways/**', 'test/package/nest-11/**'],
    // Vitest leaves one core idle by itself, which is half of a machine of two.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { NODE_ENV: 'test' },
  },
});

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^nestjs-session-crypto$/, replacement: source('./lib/index.ts') },
      { find: /^nestjs-session-crypto\/typeorm$/, replacement: source('./lib/stores/typeorm/index.ts') },
      { find: /^nestjs-session-crypto\/apache$/, replacement: source('./lib/apache/index.ts') },
      { find: /^nestjs-session-crypto\/php$/, replacement: source('./lib/php/index.ts') },
      { find: /^nestjs-session-crypto\/remember-me$/, replacement: source('./lib/remember-me/index.ts') },
      { find: /^nestjs-session-crypto\/testing$/, replacement: source('./lib/testing/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { NODE_ENV: 'test' },
  },
});

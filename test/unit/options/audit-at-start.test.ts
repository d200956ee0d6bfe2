import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  cookieStore,
  SessionCryptoModule,
  type SessionCryptoOptions,
  type SessionFormat,
} from 'nestjs-session-crypto';
import { logAuditFindings } from '../../../lib/options/audit/log-audit-findings.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const PASS = 'seven letters seven';
const KEY = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const good: SessionCryptoOptions = {
  crypto: { secrets: [() => KEY] },
  store: cookieStore({ acceptReplay: true }),
};
const bad: SessionCryptoOptions = {
  crypto: { secrets: [PASS] },
  cookie: { httpOnly: false, secure: false, domain: 'example.com', sameSite: 'lax' },
  session: { idleTimeout: 0, absoluteTimeout: 0 },
  cache: { limiter: 'none' },
};

/** Returns the lines that a start logs. */
function told(options: SessionCryptoOptions, mode?: string): string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  logAuditFindings(options, resolveOptions(options), write, mode);
  return lines;
}

describe('the audit at start', () => {
  it('logs nothing when all is well, and never in tests', () => {
    for (const mode of ['development', 'production', undefined]) expect(told(good, mode)).toEqual([]);
    expect(told(bad, 'test')).toEqual([]);
  });

  it('logs at most six lines during development: the findings, the worst first, with their remedies', () => {
    const lines = told(bad, 'development');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(
      /^cookie\.secure is broken \(sent over plain connections\): serve the site over TLS/,
    );
    expect(lines[1]).toMatch(/^cookie\.httpOnly is broken/);
    expect(lines[2]).toMatch(/^crypto\.secrets\[0\] is weak/);
    expect(lines[5]).toMatch(
      /^\d+ more findings in the session options; run npx nestjs-session-crypto doctor$/,
    );
    expect(lines.join()).not.toContain(PASS);
  });

  it('logs one line in production, with the number of findings', () => {
    expect(told(bad, 'production')).toEqual([
      expect.stringMatching(
        /^The session options have 2 broken and \d+ weak settings; run npx nestjs-session-crypto doctor$/,
      ),
    ]);
    expect(told({ ...good, cache: { limiter: 'none' } }, 'production')).toEqual([
      'The session options have 1 weak setting; run npx nestjs-session-crypto doctor',
    ]);
  });

  it('does not stop a start when the audit of a foreign format throws', () => {
    const format: SessionFormat = {
      name: 'own',
      check: () => [],
      audit: () => {
        throw new RangeError(PASS);
      },
      start: () => Promise.reject(new Error('not here')),
    };
    expect(told({ crypto: { format } }, 'development')).toEqual([
      'The audit of the session options failed (RangeError)',
    ]);
  });
});

describe('a module', () => {
  const lines: string[] = [];
  const line = (message: unknown) => void lines.push(String(message));
  const logger = { log: () => undefined, error: line, warn: line, debug: () => undefined };
  beforeEach(() => void lines.splice(0));
  afterEach(() => vi.unstubAllEnvs());

  const start = async (options: object) => {
    const imports = [SessionCryptoModule.forRoot({ ...good, ...options })];
    const module = await Test.createTestingModule({ imports }).setLogger(logger).compile();
    const app = await module.createNestApplication().init();
    await app.close();
  };

  it('logs its audit once when it starts', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    await start({ cache: { limiter: 'none' } });
    expect(lines).toEqual([expect.stringMatching(/^cache\.limiter is weak \(none\)/)]);
  });

  it('logs nothing when all is well', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    await start({});
    expect(lines).toEqual([]);
  });

  it('logs nothing in tests', async () => {
    await start({ cache: { limiter: 'none' } });
    expect(lines).toEqual([]);
  });
});

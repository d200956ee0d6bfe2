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

/** What a start writes. */
function told(options: SessionCryptoOptions, mode?: string): string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  logAuditFindings(options, resolveOptions(options), { warn: write, debug: write }, mode);
  return lines;
}

describe('the audit at start', () => {
  it('is quiet when all is well, and always in tests', () => {
    for (const mode of ['development', 'production', undefined]) expect(told(good, mode)).toEqual([]);
    expect(told(bad, 'test')).toEqual([]);
  });

  it('says while developing in at most six lines what is broken or weak, the worst first, and how to mend it', () => {
    const lines = told(bad, 'development');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(
      /^cookie\.secure is broken \(sent over plain connections\): serve the site by TLS/,
    );
    expect(lines[1]).toMatch(/^cookie\.httpOnly is broken/);
    expect(lines[2]).toMatch(/^crypto\.secrets\[0\] is weak/);
    expect(lines[5]).toMatch(/^\d+ more; see npx nestjs-session-crypto doctor$/);
    expect(lines.join()).not.toContain(PASS);
  });

  it('says in production in one line how much there is', () => {
    expect(told(bad, 'production')).toEqual([
      expect.stringMatching(
        /^2 broken and \d+ weak in the session options; see npx nestjs-session-crypto doctor$/,
      ),
    ]);
    expect(told({ ...good, cache: { limiter: 'none' } }, 'production')).toEqual([
      '1 weak in the session options; see npx nestjs-session-crypto doctor',
    ]);
  });

  it('does not stop a start when a form of somebody else throws', () => {
    const format: SessionFormat = {
      name: 'own',
      check: () => [],
      audit: () => {
        throw new RangeError(PASS);
      },
      start: () => Promise.reject(new Error('not here')),
    };
    expect(told({ crypto: { format } }, 'development')).toEqual([
      'The session options were not audited (RangeError)',
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

  it('tells its audit once when it starts', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    await start({ cache: { limiter: 'none' } });
    expect(lines).toEqual([expect.stringMatching(/^cache\.limiter is weak \(none\)/)]);
  });

  it('tells nothing where all is well', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    await start({});
    expect(lines).toEqual([]);
  });

  it('tells nothing in tests', async () => {
    await start({ cache: { limiter: 'none' } });
    expect(lines).toEqual([]);
  });
});

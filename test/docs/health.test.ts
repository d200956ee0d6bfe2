import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HEALTH_RULES } from '../../lib/checkup/health-rules.js';

const PAGE = readFileSync(new URL('../../docs/health.md', import.meta.url), 'utf8');

/** The rows of a table: the text in the first cell's code, and the second cell. */
const rows = [...PAGE.matchAll(/^\| `([a-z-]+)` +\| (up|degraded|down) +\|/gm)].map(([, code, status]) => [
  code,
  status,
]);

describe('docs/health.md', () => {
  it('has every finding with its status, in the order of the code', () => {
    expect(rows).toEqual(Object.entries(HEALTH_RULES).map(([code, { status }]) => [code, status]));
  });
});

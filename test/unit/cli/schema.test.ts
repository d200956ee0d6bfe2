import { describe, expect, it } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { createTableSql } from '../../../lib/stores/sql/session-table.js';
import { capture } from './support/site.js';

async function schema(...args: string[]) {
  const { said, output } = capture();
  return { status: await run(['schema', ...args], output), ...said };
}

describe('session-crypto schema --partitions', () => {
  it('prints the table and its partitions', async () => {
    const { status, out } = await schema('--partitions', '3');
    expect([status, out]).toEqual([
      0,
      createTableSql({ partitions: 3 })
        .map((sql) => `${sql};\n`)
        .join(''),
    ]);
    expect(out.match(/PARTITION OF/g)).toHaveLength(3);
  });

  it.each([
    [64, ['--partitions', '1'], '--partitions is no whole number from 2 to 1000'],
    [64, ['--partitions', '1001'], '--partitions is no whole number from 2 to 1000'],
    [64, ['--partitions', 'many'], '--partitions is no whole number from 2 to 1000'],
    [64, ['--of', 'keys', '--partitions', '4'], '--partitions divides the table of sessions only'],
    [64, ['--of', 'kyes'], 'Allowed choices are sessions, keys'],
  ])('ends with %i for %o', async (expected, args, message) => {
    const { status, out, err } = await schema(...args);
    expect([status, out]).toEqual([expected, '']);
    expect(err).toContain(message);
  });
});

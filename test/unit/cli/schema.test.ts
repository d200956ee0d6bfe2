import { describe, expect, it } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { createTableSql } from '../../../lib/stores/sql/session-table.js';

async function schema(...args: string[]) {
  const said = { out: '', err: '' };
  const output = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  };
  return { status: await run(['schema', ...args], output as never), ...said };
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
    [['--partitions', '1'], 'store.partitions: is 1; allowed is a whole number from 2 to 1000'],
    [['--partitions', 'many'], 'store.partitions: is NaN'],
    [['--of', 'keys', '--partitions', '4'], '--partitions divides the table of sessions only'],
  ])('refuses %o', async (args, message) => {
    const { status, out, err } = await schema(...args);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});

import { describe, expect, it } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { capture } from './support/site.js';

async function call(...args: string[]) {
  const { said, output } = capture();
  return { status: await run(args, output), ...said };
}

const ADDRESS = 'redis://:hunter2@db:6379/0';

describe('an address in the place of a name', () => {
  it.each([
    [
      64,
      ['convert', '--from', 'connect-redis', '--url-env', ADDRESS],
      '--url-env needs the name of a variable',
    ],
    [64, ['convert', '--from', 'connect-redis', '--url-env', 'hunter2!'], '--url-env needs the name'],
    [66, ['sessions', 'count', '--config', ADDRESS], 'an address is given in the place of a file'],
    [66, ['sessions', 'count', '--module', `${ADDRESS}#AppModule`], 'an address is given'],
    [66, ['keys', 'list', '--config', 'postgres:hunter2@db'], 'an address is given'],
  ])('ends with %i for %j and is not repeated', async (expected, args, message) => {
    const { status, out, err } = await call(...args);
    expect([status, out]).toEqual([expected, '']);
    expect(err).toContain(message);
    expect(err).not.toContain('hunter2');
  });

  it('is still repeated where it is a file', async () => {
    expect((await call('keys', 'list', '--config', './no@such.mjs')).err).toContain(
      './no@such.mjs does not exist',
    );
  });
});

describe('a word that is refused', () => {
  it('is repeated with the words of the help around it', async () => {
    const { err } = await call('completion', 'tcsh');
    expect(err).toContain("'tcsh'");
    expect(err).not.toContain('…');
  });

  it.each([`--${'s'.repeat(30)}`, `--it's${'s'.repeat(30)}`])('is hidden if it is long: %s', async (word) => {
    const { err } = await call('secret', word);
    expect(err).not.toContain('ssssssss');
  });
});

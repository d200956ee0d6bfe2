import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { outputOf } from './support/php.js';
import { live } from './support/live.js';
import { startOf, TwoSides, type Browser } from './support/two-sides.js';

const TIMES = 200;
/** Begins on a signal, and counts how often the other side has changed the number in between. */
const counting = (id: string) => `
  fgets(STDIN); $seen = 0; $last = null;
  for ($i = 0; $i < ${TIMES}; $i++) {
    ${startOf(id)}
    $n = $_SESSION['n']; if ($last !== null && $n !== $last) $seen++;
    $_SESSION['n'] = $last = $n + 1;
    session_write_close();
    usleep(random_int(0, 5000));
  }
  echo json_encode($seen);`;
const holding = (id: string) => `
  ${startOf(id)} $_SESSION['php'] = 1; fwrite(STDOUT, 'held'); fgets(STDIN); session_write_close();`;

describe.skipIf(!live).each(['express', 'fastify'] as const)('PHP and Nest on %s at once', (adapter) => {
  let sides: TwoSides;
  let browser: Browser;

  async function startWith(commitTimeout: number): Promise<void> {
    sides = await TwoSides.start({ adapter, serializer: 'php', options: { session: { commitTimeout } } });
    browser = sides.browser();
    await browser.visit((session) => session.set('n', 0));
  }

  beforeEach(async () => {
    await startWith(20);
  });

  it(`lose none of ${2 * TIMES} additions to one number`, async () => {
    const child = sides.php.start(counting(browser.id));
    const seen = outputOf(child);
    child.stdin.end('go\n');
    for (let i = 0; i < TIMES; i++) await browser.nest.run((session) => session.increment('n'));
    expect(Number(await seen)).toBeGreaterThan(0); // both worked at the same time
    expect(await browser.visit((session) => session.get('n'))).toBe(2 * TIMES);
  });

  it('keep the changes of both in different keys', async () => {
    await browser.visit(async (session) => {
      session.get('n');
      await browser.php(`$_SESSION['php'] = 1;`);
      session.set('nest', 1);
    });
    expect(await browser.all()).toEqual({ n: 0, php: 1, nest: 1 });
  });

  it('wait for a page of PHP, while requests of other sessions do not', async () => {
    const child = sides.php.start(holding(browser.id));
    const done = outputOf(child);
    await once(child.stdout, 'data');
    const waiting = browser.visit((session) => session.increment('n'));
    const other = sides.browser();
    for (let i = 0; i < 20; i++) await other.visit((session) => session.increment('n'));
    child.stdin.end('go\n');
    await done;
    expect(await waiting).toBe(1);
    expect(await browser.all()).toEqual({ n: 1, php: 1 });
  });

  it('respond with 503 if PHP holds the session too long, and do not report the store as down', async () => {
    await sides.app.close();
    await startWith(1);
    const child = sides.php.start(holding(browser.id));
    const done = outputOf(child);
    await once(child.stdout, 'data');
    const { status } = await browser.nest.run((session) => session.increment('n'));
    child.stdin.end('go\n');
    await done;
    expect(status).toBe(503);
    expect(sides.app.seen('storeDown')).toEqual([]);
    expect(await browser.all()).toEqual({ n: 0, php: 1 });
  });

  it('end a session that PHP holds, and lose what PHP writes afterwards', async () => {
    await sides.app.close();
    await startWith(1);
    const thief = browser.copy();
    const { id } = browser;
    const { php } = sides;
    let written: Promise<string> | undefined;
    await browser.visit(async (session) => {
      const child = php.start(holding(id)); // after the request has read the session
      written = outputOf(child);
      await once(child.stdout, 'data');
      await session.logout();
      child.stdin.end('go\n');
    });
    await written;
    expect(await sides.files()).toEqual([]);
    expect(await thief.all()).toEqual({});
  });
});

import { expect } from 'vitest';
import type { Outcome, PhpCase } from '../php-session.js';
import { NO_WAITING } from '../probe/differences.js';
import { filesIn, publicIdOf, putFile } from '../probe/php-files.js';
import { ProbeApp, type ProbeSession, type Question } from '../probe/probe-app.js';

interface LockingCase extends PhpCase {
  readonly id: string;
  readonly result: {
    readonly second_waited: boolean;
    readonly second_read_n: number | null;
    readonly final_file: string;
  };
}

/** The calls of the first request before and after its work, and the session that the second request brings. Only the id of
 *  a case tells them. */
interface Scenario {
  readonly before?: (session: ProbeSession) => Promise<void>;
  readonly after?: (session: ProbeSession) => void;
  readonly second: Question;
}

const ID = 'FIXlocking00000000000000000000001';
const SAME: Question = { headers: { cookie: `PHPSESSID=${ID}` } };
const increment = (session: ProbeSession) => void session.increment('n');

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  both_write: { after: increment, second: SAME },
  first_closes_early: {
    before: async (session) => {
      session.increment('n');
      await session.save();
    },
    second: SAME,
  },
  first_read_and_close: { second: SAME },
  other_id: { after: increment, second: {} },
};

/** Runs two requests at once. This would never end if the second had to wait for the first. */
export async function checkLocking({ id, result }: LockingCase): Promise<Outcome> {
  const scenario = SCENARIOS[id];
  if (!scenario) return { leftOut: 'what its requests do stands in its name alone, which is unknown' };
  const app = await ProbeApp.start({}, true);
  try {
    await putFile(app.folder, ID, 'n|i:0;');
    const read = await overlap(app, scenario);
    const files = await filesIn(app.folder, 'php');
    expect(files.get(`sess_${publicIdOf(ID)}`)).toBe(result.final_file);
    if (result.second_waited) return NO_WAITING;
    expect(read ?? null).toBe(result.second_read_n);
    return 'same';
  } finally {
    await app.close();
  }
}

/** Both requests increment `n`, the second one while the first one works. Returns the value that the second one has read. */
async function overlap(app: ProbeApp, { before, after, second }: Scenario): Promise<unknown> {
  let read: unknown;
  await app.ask(SAME, async (request) => {
    const session = await app.sessionOf(request);
    await before?.(session);
    await app.ask(second, async (other) => {
      const others = await app.sessionOf(other);
      read = others.get('n');
      increment(others);
    });
    after?.(session);
  });
  return read;
}

import { describe, expect, it } from 'vitest';
import { keys, processes, scope } from '../../../../lib/dashboard/page/facts.js';
import type { SessionView } from '../../../../lib/dashboard/watched-session.js';

/** A view of a ring whose old key nobody has used since the start, a day ago. */
function view(change: Partial<SessionView>): SessionView {
  const figures = { since: 0, keys: [], seals: [] };
  return {
    now: 86_400_000,
    ring: [{ hint: '0000000a', state: 'opens' }],
    figures,
    processes: [{ figures }],
    unreadable: 0,
    isFull: false,
    gathering: 'store',
    longestIdle: 3600,
    needAfter: () => 7200,
    ...change,
  } as unknown as SessionView;
}

const lastCell = (given: SessionView): string =>
  [...keys(given).text.matchAll(/<td[^>]*>([^]*?)<\/td>/g)].at(-1)![1]!;

/** What a reader sees of the last cell. */
const answer = (given: SessionView): string => lastCell(given).replace(/<[^>]+>/g, '');

describe('when an old key can go', () => {
  it('is now, once it has neither sealed nor opened anything for long enough', () => {
    expect(answer(view({}))).toBe('now');
  });

  it('is a timeout after its last use, while a session may live that it has opened', () => {
    const uses = [{ hint: '0000000a', opens: 1, lastAt: 86_400_000 - 60_000 }];
    expect(answer(view({ figures: { since: 0, keys: uses, seals: [] } } as never))).toBe(
      '00:59, unless it is used again',
    );
  });

  it('is as long after it stopped sealing as what it has sealed may be needed, also if nobody has opened that', () => {
    const seals = [{ hint: '0000000a', lastAt: 86_400_000 - 60_000 }];
    expect(answer(view({ figures: { since: 0, keys: [], seals } } as never))).toBe(
      '01:59, unless it is used again',
    );
  });

  it('counts from the start of the youngest process, since an older one may have sealed by the key until then', () => {
    const processes = [{ figures: { since: 0 } }, { figures: { since: 86_400_000 - 120_000 } }];
    expect(answer(view({ processes } as never))).toBe('01:58, unless it is used again');
  });

  it('needs the key for what may be needed when it stopped sealing, such as converted sessions', () => {
    const asked: number[] = [];
    const seals = [{ hint: '0000000a', lastAt: 5000 }];
    const needAfter = (stopped: number) => asked.push(stopped);
    keys(view({ figures: { since: 0, keys: [], seals }, needAfter } as never));
    expect(asked).toEqual([5000]);
  });

  it.each<[Partial<SessionView>, string]>([
    [{ gathering: 'alone' }, 'nobody here hears of other processes'],
    [{ gathering: 'late' }, 'a process is missing here'],
    [{ unreadable: 1 }, 'a process is missing here'],
    [{ isFull: true }, 'there are more processes than places'],
  ])('is not known while a process may use it unseen: %j', (change, why) => {
    expect(answer(view(change))).toBe(
      `not known: ${why}. session-crypto keys check --rotated TIME computes it`,
    );
  });
});

describe('a board with no place left', () => {
  const report = { name: 'web-1:7', at: 0, ring: [], figures: { since: 0 } };
  const full = view({ isFull: true, processes: [report, report] as never });

  it('says that there may be processes which are not counted', () => {
    expect(processes(full).text).toContain('All places for processes are taken.');
    expect(processes(view({ processes: [report] as never })).text).not.toContain('places');
  });

  it('gives the number of processes as the least', () => {
    expect(scope(full).text).toContain('At least 2 processes, the oldest for 1 d');
  });
});

import { describe, expect, it } from 'vitest';
import { keys } from '../../../../lib/dashboard/page/facts.js';
import type { SessionView } from '../../../../lib/dashboard/watched-session.js';

/** A view of a ring whose old key nobody has used since the start, a day ago. */
function view(change: Partial<SessionView>): SessionView {
  const figures = { since: 0, keys: [] };
  return {
    now: 86_400_000,
    ring: [{ hint: '0000000a', state: 'opens' }],
    figures,
    processes: [{ figures }],
    unreadable: 0,
    gathering: 'store',
    longestIdle: 3600,
    ...change,
  } as unknown as SessionView;
}

const lastCell = (given: SessionView): string =>
  [...keys(given).text.matchAll(/<td[^>]*>([^]*?)<\/td>/g)].at(-1)![1]!;

describe('when an old key can go', () => {
  it('is now, once nobody has used it for as long as a session lives', () => {
    expect(lastCell(view({}))).toBe('now');
    expect(lastCell(view({ gathering: 'alone' }))).toBe('now');
  });

  it.each<Partial<SessionView>>([{ gathering: 'late' }, { unreadable: 1 }])(
    'is not known while a process may use it unseen: %j',
    (change) => {
      expect(lastCell(view(change))).toBe('not known: a process is missing here');
    },
  );
});

import { describe, expect, it } from 'vitest';
import {
  heirOf,
  later,
  nextId,
  ringPlan,
  scheduleOf,
  sealingKey,
  SETTLED_AFTER,
  type RingRules,
  type RingStep,
} from '../../../lib/ring/ring-plan.js';
import type { KeyFacts, KeyState } from '../../../lib/stores/key-row-store.interface.js';

const DAY = 86_400;
const RULES: RingRules = { rotation: 90 * DAY, publishLead: 2 * DAY, keep: 8 * 3600 + 600 };
const NOW = new Date('2026-11-29T12:00:00Z');
const at = (seconds: number) => later(NOW, seconds);

function key(id: number, state: KeyState, part: Partial<KeyFacts> = {}): KeyFacts {
  const times = { createdAt: at(-100 * DAY), sealsAt: at(-98 * DAY) };
  return { id, version: 1, hint: id, state, ...times, retiresAt: undefined, dropsAt: undefined, ...part };
}

/** What a step does to the rows, as the follower does it. */
function after(keys: readonly KeyFacts[], step: RingStep, now: Date): KeyFacts[] {
  if (step.step === 'make') {
    const state = step.sealsAt <= now ? 'sealing' : 'published';
    return [...keys, key(step.id, state, { createdAt: now, sealsAt: step.sealsAt })];
  }
  const { id } = step.key;
  if (step.step === 'drop') return keys.filter((one) => one.id !== id);
  const change: Partial<KeyFacts> =
    step.step === 'promote'
      ? { state: 'sealing', sealsAt: now }
      : step.step === 'extend'
        ? { dropsAt: step.dropsAt }
        : { state: 'retiring', retiresAt: now, dropsAt: step.dropsAt };
  return keys.map((one) => (one.id === id ? { ...one, ...change, version: one.version + 1 } : one));
}

/** Does the first step until none is due, and calls `look` at each. */
function settle(
  start: readonly KeyFacts[],
  now: Date,
  rules = RULES,
  look: (keys: readonly KeyFacts[], step: RingStep) => void = () => undefined,
): KeyFacts[] {
  let keys = [...start];
  for (let steps = 0; steps < 50; steps++) {
    const [step] = ringPlan(keys, now, rules);
    if (!step) return keys;
    look(keys, step);
    keys = after(keys, step, now);
  }
  throw new Error('the plan does not come to an end');
}

const states = (keys: readonly KeyFacts[]) => keys.map(({ id, state }) => `${id} ${state}`);

describe('ringPlan', () => {
  it('makes a first key that seals at once', () => {
    expect(ringPlan([], NOW, RULES)).toEqual([{ step: 'make', id: 1, sealsAt: NOW }]);
  });

  it('does nothing while the key is young', () => {
    expect(ringPlan([key(1, 'sealing', { sealsAt: at(-87 * DAY) })], NOW, RULES)).toEqual([]);
  });

  it('publishes the next key two days before it seals', () => {
    const young = key(1, 'sealing', { sealsAt: at(-88 * DAY + 1) });
    expect(ringPlan([young], NOW, RULES)).toEqual([]);
    const old = key(1, 'sealing', { sealsAt: at(-88 * DAY) });
    expect(ringPlan([old], NOW, RULES)).toEqual([{ step: 'make', id: 2, sealsAt: at(2 * DAY) }]);
  });

  it('publishes for two days also when the rotation is overdue', () => {
    const old = key(1, 'sealing', { sealsAt: at(-400 * DAY) });
    expect(ringPlan([old], NOW, RULES)).toEqual([{ step: 'make', id: 2, sealsAt: at(2 * DAY) }]);
  });

  it('promotes the published key at its time, then retires the one before', () => {
    const keys = [key(1, 'sealing'), key(2, 'published', { createdAt: at(-2 * DAY), sealsAt: at(1) })];
    expect(ringPlan(keys, NOW, RULES)).toEqual([]);
    const settled = settle(keys, at(1));
    expect(states(settled)).toEqual(['1 retiring', '2 sealing']);
    expect(settled[0]!.dropsAt).toEqual(at(1 + RULES.keep));
  });

  it('drops a retired key when its time is over, and not a second before', () => {
    const keys = [
      key(1, 'retiring', { retiresAt: at(-RULES.keep), dropsAt: NOW }),
      key(2, 'sealing', { sealsAt: NOW }),
    ];
    expect(ringPlan(keys, at(-1), RULES)).toEqual([]);
    expect(states(settle(keys, NOW))).toEqual(['2 sealing']);
  });

  it('keeps a key longer when sessions are longer here than where it was retired', () => {
    const keys = [
      key(1, 'retiring', { retiresAt: at(-600), dropsAt: at(-1) }),
      key(2, 'sealing', { sealsAt: NOW }),
    ];
    const dropsAt = at(RULES.keep - 600);
    expect(ringPlan(keys, NOW, RULES)).toEqual([{ step: 'extend', key: keys[0], dropsAt }]);
    expect(settle(keys, NOW)[0]).toMatchObject({ state: 'retiring', dropsAt });
  });

  it('never promotes a key before every process knows it', () => {
    const createdAt = at(-SETTLED_AFTER + 1);
    const keys = [key(1, 'sealing'), key(2, 'published', { createdAt, sealsAt: at(-1) })];
    expect(ringPlan(keys, NOW, RULES)).toEqual([]);
    expect(states(settle(keys, at(1)))).toEqual(['1 retiring', '2 sealing']);
  });

  it('gives a ring whose sealing key was revoked the oldest published key, or a new one at once', () => {
    const gone = key(1, 'revoked', { retiresAt: NOW, dropsAt: at(RULES.keep) });
    expect(ringPlan([gone], NOW, RULES)).toEqual([{ step: 'make', id: 2, sealsAt: NOW }]);
    const keys = [
      gone,
      key(2, 'published', { sealsAt: at(DAY) }),
      key(3, 'published', { sealsAt: at(2 * DAY) }),
    ];
    expect(ringPlan(keys, NOW, RULES)).toEqual([{ step: 'promote', key: keys[1] }]);
  });

  it('retires a published key that a newer one has passed', () => {
    const keys = [
      key(1, 'sealing'),
      key(2, 'published', { sealsAt: at(DAY) }),
      key(3, 'sealing', { sealsAt: NOW }),
    ];
    expect(states(settle(keys, NOW))).toEqual(['1 retiring', '2 retiring', '3 sealing']);
  });

  it('never removes the newest row, so that no id comes twice', () => {
    const keys = [
      key(1, 'sealing', { sealsAt: NOW }),
      key(2, 'revoked', { retiresAt: at(-2 * DAY), dropsAt: at(-DAY) }),
    ];
    expect(ringPlan(keys, NOW, RULES)).toEqual([]);
    expect(nextId(keys)).toBe(3);
  });

  it('publishes its first key before it seals where secrets have sealed until now', () => {
    const rules = { ...RULES, adopts: true };
    expect(ringPlan([], NOW, rules)).toEqual([{ step: 'make', id: 1, sealsAt: at(2 * DAY) }]);
    const first = key(1, 'published', { createdAt: NOW, sealsAt: at(2 * DAY) });
    expect(ringPlan([first], at(2 * DAY - 1), rules)).toEqual([]);
    expect(ringPlan([first], at(2 * DAY), rules)).toEqual([{ step: 'promote', key: first }]);
    expect(states(settle([key(1, 'revoked', { retiresAt: NOW, dropsAt: NOW })], NOW, rules))).toEqual([
      '2 sealing',
    ]);
  });

  it.each(['retiring', 'revoked'] as const)(
    'lets the secrets seal on when the first key is %s before it has sealed',
    (state) => {
      const rules = { ...RULES, adopts: true };
      const gone = key(1, state, { sealsAt: at(DAY), retiresAt: NOW, dropsAt: at(RULES.keep) });
      expect(ringPlan([gone], NOW, rules)).toEqual([{ step: 'make', id: 2, sealsAt: at(2 * DAY) }]);
      const next = key(2, 'published', { createdAt: NOW, sealsAt: at(2 * DAY) });
      expect(ringPlan([gone, next], at(2 * DAY - 1), rules)).toEqual([]);
      expect(ringPlan([gone, next], at(2 * DAY), rules)).toEqual([{ step: 'promote', key: next }]);
    },
  );

  it('promotes the published key whose time has come where secrets seal, also if an older one waits', () => {
    const keys = [key(1, 'published', { sealsAt: at(DAY) }), key(2, 'published', { sealsAt: NOW })];
    expect(ringPlan(keys, NOW, { ...RULES, adopts: true })).toEqual([{ step: 'promote', key: keys[1] }]);
  });

  it('promotes no young key while others may not have read the rows, unless no key can seal', () => {
    const due = key(2, 'published', { createdAt: at(-DAY + 1), sealsAt: NOW });
    const adopting = { ...RULES, adopts: true };
    expect(ringPlan([key(1, 'sealing', { sealsAt: at(-DAY) }), due], NOW, RULES, false)).toEqual([]);
    expect(ringPlan([due], NOW, adopting, false)).toEqual([]);
    const promoted = [{ step: 'promote', key: due }];
    expect(ringPlan([due], NOW, RULES, false)).toEqual(promoted);
    expect(ringPlan([key(1, 'sealing'), due], at(1), RULES, false)).toEqual(promoted);
    expect(ringPlan([due], at(1), adopting, false)).toEqual(promoted);
  });

  it.each([false, true])(
    'retires a published key that a wrong clock has dated ahead (adopts: %s)',
    (adopts) => {
      const wrong = key(2, 'published', { createdAt: at(365 * DAY), sealsAt: at(367 * DAY) });
      const before = adopts ? [] : [key(1, 'sealing', { sealsAt: at(-DAY) })];
      const [step] = ringPlan([...before, wrong], NOW, { ...RULES, adopts });
      expect(step).toEqual({ step: 'retire', key: wrong, dropsAt: at(RULES.keep) });
    },
  );

  it('replaces a sealing key that a wrong clock has dated ahead', () => {
    const wrong = key(1, 'sealing', { createdAt: at(-DAY), sealsAt: at(365 * DAY) });
    expect(ringPlan([wrong], NOW, RULES)).toEqual([{ step: 'make', id: 2, sealsAt: at(2 * DAY) }]);
  });

  it('goes through ten rotations of its own accord', () => {
    let keys: KeyFacts[] = [];
    const changes: string[] = [];
    for (let hour = 0; hour <= 24 * 90 * 10; hour++)
      keys = settle(keys, at(3600 * hour), RULES, (before, step) => {
        const id = step.step === 'make' ? step.id : step.key.id;
        changes.push(`${step.step} ${id}`);
        if (step.step === 'promote')
          expect(+at(3600 * hour) - +step.key.createdAt).toBeGreaterThanOrEqual(2 * DAY * 1000);
        if (step.step === 'drop')
          expect(+at(3600 * hour) - +step.key.retiresAt!).toBeGreaterThanOrEqual(RULES.keep * 1000);
        expect(before.length).toBeLessThanOrEqual(3);
      });
    const round = (id: number) => [`make ${id}`, `promote ${id}`, `retire ${id - 1}`, `drop ${id - 1}`];
    expect(changes.slice(0, 9)).toEqual(['make 1', ...round(2), ...round(3)]);
    expect(sealingKey(keys)!.id).toBe(11);
  });
});

/** All that a key can be, relative to now. */
const ALL_FORMS: readonly Partial<KeyFacts>[] = [-98 * DAY, -DAY, -60, 60, DAY].flatMap((seals) =>
  [-99 * DAY, -2 * DAY, -60].flatMap((created): Partial<KeyFacts>[] => {
    const times = { createdAt: at(Math.min(created, seals)), sealsAt: at(seals) };
    const ends = [-DAY, -60].map((retires) => ({ retiresAt: at(retires), dropsAt: at(retires + 3600) }));
    return [
      { state: 'published', ...times },
      { state: 'sealing', ...times },
      ...ends.map((end) => ({ state: 'retiring' as const, ...times, ...end })),
      { state: 'revoked', ...times, ...ends[0] },
    ];
  }),
);

describe('ringPlan, for every ring of up to two keys and many of three', () => {
  const rings: KeyFacts[][] = ALL_FORMS.flatMap((a) => [
    [key(1, 'published', a)],
    ...ALL_FORMS.map((b) => [key(1, 'published', a), key(3, 'published', b)]),
    ...ALL_FORMS.filter((_, i) => i % 15 === 3).flatMap((b) =>
      ALL_FORMS.map((c) => [key(1, 'published', a), key(2, 'published', b), key(3, 'published', c)]),
    ),
  ]);

  /** The rings for which `isBroken` is true of what becomes of them; `toEqual` for each would take a minute. */
  const broken = (isBroken: (ring: readonly KeyFacts[], settled: readonly KeyFacts[]) => boolean) =>
    rings.filter((ring) => isBroken(ring, settle(ring, NOW))).map((ring) => states(ring));

  /** The steps for which `isBroken` is true, over all rings. */
  function brokenSteps(isBroken: (keys: readonly KeyFacts[], step: RingStep) => boolean): string[][] {
    const found: string[][] = [];
    for (const ring of rings)
      settle(ring, NOW, RULES, (keys, step) => void (isBroken(keys, step) && found.push(states(keys))));
    return found;
  }

  it('comes to an end with one key that seals, whatever it began with', () => {
    expect(rings.length).toBeGreaterThan(10_000);
    expect(broken((_, settled) => settled.filter(({ state }) => state === 'sealing').length !== 1)).toEqual(
      [],
    );
  });

  it('keeps every key that may have sealed a living session, and revives none', () => {
    const allowed: Readonly<Record<KeyState, readonly (KeyState | undefined)[]>> = {
      published: ['published', 'sealing', 'retiring'],
      sealing: ['sealing', 'retiring'],
      retiring: ['retiring', undefined],
      revoked: ['revoked', undefined],
    };
    const isOver = ({ retiresAt }: KeyFacts) => +NOW - +retiresAt! >= RULES.keep * 1000;
    expect(
      broken((ring, settled) =>
        ring.some((before) => {
          const now = settled.find(({ id }) => id === before.id)?.state;
          return !allowed[before.state].includes(now) || (!now && !isOver(before));
        }),
      ),
    ).toEqual([]);
  });

  it('lets a key seal that not every process knows only where no other key can seal', () => {
    expect(
      brokenSteps((keys, step) => {
        const current = sealingKey(keys);
        if (step.step !== 'promote' || !current) return false;
        return +NOW - +step.key.createdAt < SETTLED_AFTER * 1000 || step.key.id < current.id;
      }),
    ).toEqual([]);
  });

  it('gives no id that is or was there', () => {
    expect(
      brokenSteps((keys, step) => step.step === 'make' && step.id <= Math.max(...keys.map(({ id }) => id))),
    ).toEqual([]);
    expect(brokenSteps((keys, step) => step.step === 'drop' && step.key.id === nextId(keys) - 1)).toEqual([]);
  });
});

describe('scheduleOf', () => {
  it('says when a key will retire and drop', () => {
    const sealing = key(1, 'sealing', { sealsAt: NOW });
    const alone = { retiresAt: at(RULES.rotation), dropsAt: at(RULES.rotation + RULES.keep) };
    expect(scheduleOf(sealing, [sealing], RULES)).toEqual(alone);
    const next = key(2, 'published', { sealsAt: at(DAY) });
    expect(scheduleOf(sealing, [sealing, next], RULES).retiresAt).toEqual(at(DAY));
    const retired = key(1, 'retiring', { retiresAt: at(-60), dropsAt: at(3600) });
    expect(scheduleOf(retired, [retired], RULES)).toEqual({ retiresAt: at(-60), dropsAt: at(3600) });
  });
});

describe('heirOf', () => {
  const heir = (keys: readonly KeyFacts[], [readAt, now]: [number, number], wasSettled = true) =>
    heirOf(keys, { readAt: at(readAt), now: at(now), wasSettled })?.id;
  const published = (id: number, sealsAt: number) =>
    key(id, 'published', { createdAt: NOW, sealsAt: at(sealsAt) });

  it('is a published key two minutes after its time', () => {
    const keys = [key(1, 'sealing'), published(2, 600)];
    expect([719, 720].map((now) => heir(keys, [300, now]))).toEqual([undefined, 2]);
  });

  it('is the newest of several whose time has come, and none that is older than the sealing key', () => {
    const keys = [
      published(1, 300),
      key(2, 'sealing'),
      published(3, 300),
      published(4, 600),
      published(5, DAY),
    ];
    expect(heir(keys, [300, 720])).toBe(4);
    expect(heir(keys.slice(0, 2), [300, 720])).toBeUndefined();
  });

  it('is a key that every process had read at the last reading, or of which a day tells it', () => {
    const keys = [key(1, 'sealing'), published(2, 600)];
    expect(heir(keys, [119, 720])).toBeUndefined();
    expect(heir(keys, [300, 720], false)).toBeUndefined();
    expect(heir(keys, [119, DAY])).toBe(2);
  });

  it('is no key that is retired or revoked', () => {
    const gone = (state: KeyState) => [key(1, 'sealing'), key(2, state, { retiresAt: NOW })];
    expect(heir(gone('retiring'), [300, DAY])).toBeUndefined();
    expect(heir(gone('revoked'), [300, DAY])).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { Session } from 'nestjs-session-crypto';
import { fakeSession, TestClock } from 'nestjs-session-crypto/testing';

interface Shop {
  cart: string[];
  n: number;
}

describe('fakeSession', () => {
  it('is a session with data and a subject, or a new one', () => {
    const session = fakeSession<Shop>({ cart: ['tea'] }, { subject: 'ada', age: 60 });
    expect(session).toBeInstanceOf(Session);
    expect([session.subject, session.isNew, session.authenticatedFor]).toEqual(['ada', false, 60]);
    expect(session.all()).toEqual({ cart: ['tea'] });
    expect([fakeSession().isNew, fakeSession().subject, fakeSession({}).isNew]).toEqual([
      true,
      undefined,
      false,
    ]);
  });

  it('does what a session does', async () => {
    const session = fakeSession<Shop>({ n: 1 });
    const { id } = session;
    expect(session.increment('n')).toBe(2);
    await session.login('ada');
    expect(session.id).not.toBe(id);
    await session.save();
    session.update('n', (n) => n! + 1);
    session.flash('note', 'hello');
    session.reset();
    expect([session.get('n'), session.flash('note'), session.subject]).toEqual([2, undefined, 'ada']);
    expect(await session.increment('n', 5, { commit: true })).toBe(7);
    await session.reload();
    await session.logout();
    expect([session.subject, session.all(), session.isNew]).toEqual([undefined, {}, true]);
    await session.destroy();
    expect(() => session.set('n', 1)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }));
  });

  it('refuses what a session refuses', () => {
    expect(() => fakeSession({ born: new Date(0) })).toThrow('born is a Date');
    expect(() => fakeSession({}, { subject: 'x'.repeat(256) })).toThrow('The subject');
    expect(() =>
      fakeSession<Shop>({ cart: ['tea'] })
        .get('cart')!
        .slice()
        .push('x'),
    ).not.toThrow();
    expect(Object.isFrozen(fakeSession<Shop>({ cart: ['tea'] }).get('cart'))).toBe(true);
  });

  it('ends by the clock of the test', () => {
    const clock = new TestClock();
    const session = fakeSession<Shop>({ n: 1 }, { clock });
    expect(session.isOver).toBe(false);
    clock.advance(1441);
    expect(session.isOver).toBe(true);
    expect(fakeSession<Shop>({ n: 1 }, { idle: 1500 }).isOver).toBe(true);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { SESSION_EVENTS, type SessionEventMap } from 'nestjs-session-crypto';
import type { LineFields, LineLevel } from '../../../lib/errors/log-lines.js';
import { LineLimit } from '../../../lib/manager/line-limit.js';
import { countMissingKeys } from '../../../lib/manager/missing-keys.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { logRememberMe } from '../../../lib/remember-me/remember-log.js';
import { SessionLog } from '../../../lib/manager/session-log.js';
import { FakeTime } from './fake-time.js';

/** A detail with the members of every event. */
const DETAIL = {
  session: 'default',
  code: 'ECONNREFUSED',
  message: 'm',
  reason: 'tag',
  why: 'ended',
  keys: ['a'],
  hints: ['31b74615'],
  cookies: 2,
  id: 'i',
  subject: 's',
  store: 'sessions',
  rows: 3,
  state: 'retiring',
  hint: '31b74615',
  actor: 'root',
  action: 'list',
} as unknown as SessionEventMap['reused'];

interface Written {
  readonly level: LineLevel;
  readonly message: string;
  readonly fields: LineFields;
}

let lines: Written[];
let time: FakeTime;
let events: SessionEvents;
let log: SessionLog;

beforeEach(() => {
  lines = [];
  time = new FakeTime();
  events = new SessionEvents();
  log = new SessionLog(
    'default',
    { write: (level, message, fields) => void lines.push({ level, message, fields }) },
    new LineLimit(time),
  );
  log.listen(events);
  logRememberMe(events, 'default', log);
  countMissingKeys(events);
});

const names = () => lines.map(({ fields }) => fields['event']);

describe('the log of events', () => {
  it.each(SESSION_EVENTS)('is not filled by a flood of %s, and every line has its facts', (name) => {
    for (let i = 0; i < 1000; i++) events.emit(name, DETAIL as never);
    time.pass(60_000);
    const isRare = name === 'operatorAction'; // an operator's own acts, behind a guard
    if (!isRare) expect(lines.length).toBeLessThanOrEqual(6);
    for (const { fields, message } of lines) {
      expect(fields).toMatchObject({ event: expect.any(String), session: 'default' });
      expect(message).toMatch(/^[A-Z0-9][^\n]*$/);
    }
  });

  it('is one line, whatever a message of the application holds', () => {
    events.emit('keysFailed', { session: 'default', message: 'no key\n\u001b[31mERROR\u202e' });
    expect(lines[0]!.message).toBe(
      'The keys could not be reloaded; the last good keys stay: no key??[31mERROR?',
    );
  });

  it('has one line when a store goes down and one when it is up, and says what the code means', () => {
    events.emit('storeDown', { session: 'default', code: 'ECONNREFUSED', store: 'revocations' });
    events.emit('storeUp', { session: 'default', store: 'revocations' });
    expect(lines).toMatchObject([
      {
        level: 'error',
        message: 'The store of revocations does not respond: nobody listens at its address (ECONNREFUSED)',
        fields: { event: 'storeDown', store: 'revocations', code: 'ECONNREFUSED', count: 1 },
      },
      { level: 'warn', message: 'The store of revocations responds again', fields: { event: 'storeUp' } },
    ]);
  });

  it('ends a minute of many changes with the state that is true, and counts each store apart', () => {
    const flap = (store: 'sessions' | 'revocations', last: 'storeDown' | 'storeUp') => {
      for (let i = 0; i < 9; i++) {
        events.emit('storeDown', { session: 'default', code: 'timeout', store });
        events.emit('storeUp', { session: 'default', store });
      }
      if (last === 'storeDown') events.emit('storeDown', { session: 'default', code: 'timeout', store });
    };
    flap('sessions', 'storeUp');
    flap('revocations', 'storeDown');
    time.pass(60_000);
    const of = (store: string) => lines.filter(({ fields }) => fields['store'] === store).at(-1)!;
    expect([of('sessions').fields, of('revocations').fields]).toMatchObject([
      { event: 'storeUp', count: 13 },
      { event: 'storeDown', count: 14 },
    ]);
  });

  it('says of several stores that one is back, and the other is not', () => {
    const down = () => events.emit('storeDown', { session: 'default', code: 'timeout', store: 'sessions' });
    const up = () => events.emit('storeUp', { session: 'default', store: 'sessions' });
    for (const step of [down, down, up, up]) step();
    expect(lines.slice(2).map(({ message }) => message)).toEqual([
      'One session store responds again, and 1 does not yet',
      'The session store responds again',
    ]);
    expect(lines.slice(2).map(({ fields }) => fields['down'])).toEqual([1, undefined]);
  });

  it('writes an outage of each part also after any number of other lines, and counts no part with another', () => {
    for (let i = 0; i < 300; i++)
      events.emit('commitFailed', { session: 'default', code: `E${i}`, message: 'm' });
    lines.length = 0;
    for (let i = 0; i < 9; i++) {
      for (const store of ['sessions', 'revocations', 'remember-me'] as const)
        events.emit(i % 2 ? 'storeUp' : 'storeDown', { session: 'default', code: 'timeout', store } as never);
      events.emit(i % 2 ? 'driverUp' : 'driverDown', {
        session: 'default',
        code: 'CKR_DEVICE_REMOVED',
      } as never);
    }
    expect(lines).toHaveLength(4 * 5);
    time.pass(60_000);
    const last = lines.slice(-4).map(({ message, fields }) => [message.split(' … ')[1], fields['event']]);
    expect(last).toEqual([
      ['4 more changes in the last minute', 'storeDown'],
      ['4 more changes in the last minute', 'storeDown'],
      ['4 more changes in the last minute', 'storeDown'],
      ['4 more changes in the last minute', 'driverDown'],
    ]);
  });

  it('says of lines of several kinds how many they were, and not what one of them was', () => {
    const fail = (code: string) => events.emit('commitFailed', { session: 'default', code, message: 'm' });
    for (let i = 0; i < 100; i++) fail(`E${i}`);
    for (let i = 0; i < 9; i++) fail(`F${i}`);
    time.pass(60_000);
    expect(lines.at(-1)).toEqual({
      level: 'warn',
      message: '4 more lines "commitFailed" of several kinds in the last minute',
      fields: { event: 'commitFailed', session: 'default', count: 4 },
    });
  });

  it('says that a server has become a replica', () => {
    events.emit('storeDown', { session: 'default', code: 'replica', store: 'sessions' });
    expect(lines[0]!.message).toContain('the server is a replica, which takes no logouts');
  });

  it('tells how many lines were left out, in the line and as a fact', () => {
    for (let i = 0; i < 1209; i++) events.emit('rejected', { session: 'default', reason: 'length' });
    time.pass(60_000);
    expect(lines).toHaveLength(6);
    expect(lines[5]).toMatchObject({
      level: 'debug',
      message: 'A session cookie was not accepted (length) … 1,204 more in the last minute',
      fields: { event: 'rejected', reason: 'length', count: 1204 },
    });
  });
});

describe('the log of keys', () => {
  const reload = (...hints: string[]) =>
    events.emit('keysReloaded', { session: 'default', keys: hints.length, hints });

  it('writes one line in ten minutes about keys that cannot be reloaded, whatever each fault says, and then the last one', () => {
    for (let i = 0; i < 20; i++) events.emit('keysFailed', { session: 'default', message: `fault ${i}` });
    expect(names()).toEqual(['keysFailed']);
    time.pass(600_000);
    expect(lines.at(-1)!.message).toContain('fault 19 … 19 more in the last ten minutes');
  });

  it('has a line for a reload that has changed the keys, and none for one that has not', () => {
    log.started('Sessions are open', { keys: 1, hints: ['aaaaaaaa'] });
    reload('aaaaaaaa');
    reload('aaaaaaaa', 'bbbbbbbb');
    reload('aaaaaaaa', 'bbbbbbbb');
    reload('bbbbbbbb', 'aaaaaaaa');
    expect(lines.slice(1).map(({ message }) => message)).toEqual([
      'The keys were reloaded: 2; aaaaaaaa seals',
      'The keys were reloaded: 2; bbbbbbbb seals',
    ]);
  });

  it('repeats a failure every ten minutes only, and says when the keys are read again', () => {
    log.started('Sessions are open', { keys: 1, hints: ['aaaaaaaa'] });
    for (let minute = 0; minute < 20; minute++) {
      events.emit('keysFailed', { session: 'default', message: 'crypto.secrets[0]: the file is gone' });
      time.pass(60_000);
    }
    reload('aaaaaaaa');
    expect(names().filter((name) => name !== 'sinceStart')).toEqual([
      'started',
      'keysFailed',
      'keysFailed',
      'keysFailed',
      'keysReloaded',
    ]);
  });

  it('warns at once of a key that is not there, with its hint, and then every ten minutes with the number', () => {
    const reject = (hint?: string) =>
      events.emit('rejected', { session: 'default', reason: 'unknown-key', ...(hint && { hint }) });
    reject('31b74615');
    for (let i = 0; i < 1180; i++) reject('31b74615');
    for (let i = 0; i < 20; i++) reject(`0000000${i % 4}`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(
        /^1 session was sealed by a key that is not in crypto\.secrets, named by the hint 31b74615 \(1\), so/,
      ),
      fields: { event: 'keyMissing', hint: '31b74615', count: 1, sessions: 1 },
    });
    time.pass(600_000);
    expect(lines[1]).toMatchObject({
      message: expect.stringMatching(
        /^1,200 sessions were sealed .* named by the hints 31b74615 \(1,180\), /,
      ),
      fields: { event: 'keyMissing', hint: '31b74615', count: 1200, sessions: 1201 },
    });
    expect(lines).toHaveLength(2);
  });

  it('gives no advice about a list of secrets where the ring is managed', () => {
    const managed = new SessionEvents();
    log.listen(managed, true);
    managed.emit('keyMissing', { session: 'default', sessions: 1 });
    expect(lines[0]!.message).toContain('a key that is not in the managed ring, so');
    expect(lines[0]!.message).not.toContain('put it back');
  });

  it('warns of cookies that name a key of ours and do not open, which ordinary visitors do not send', () => {
    for (const reason of ['tag', 'commitment'] as const)
      for (let i = 0; i < 100; i++) events.emit('rejected', { session: 'default', reason, hint: '31b74615' });
    expect(names()).toEqual(['mismatch', 'mismatch']);
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(/^A session of the key 31b74615 does not open \(tag\); it was made for/),
      fields: { reason: 'tag', hint: '31b74615' },
    });
  });

  it('has nothing above debug for cookies that anybody sends: old ones, and those of other programs', () => {
    for (const reason of ['length', 'encoding', 'version', 'expired', 'absent'] as const)
      events.emit('rejected', { session: 'default', reason });
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'debug', 'debug', 'debug']);
  });
});

describe('the log of a process', () => {
  it('says ten minutes after the start, and at the end, which sessions were refused, and why', () => {
    log.started('Sessions are open', { keys: 1, hints: ['aaaaaaaa'] });
    for (let i = 0; i < 12; i++)
      events.emit('rejected', { session: 'default', reason: 'unknown-key', hint: '31b74615' });
    events.emit('rejected', { session: 'default', reason: 'expired' });
    events.emit('created', { session: 'default', id: 'x' });
    time.pass(600_000);
    const said = lines.find(({ fields }) => fields['event'] === 'sinceStart')!;
    expect(said.message).toBe(
      'In the first ten minutes 1 sessions were begun, 0 were ended, and 13 cookies were refused: unknown-key 12, expired 1',
    );
    expect(said.fields).toMatchObject({
      began: 1,
      ended: 0,
      refused: 13,
      reasons: ['unknown-key 12', 'expired 1'],
    });
    log.stopped();
    expect(lines.at(-1)).toMatchObject({ fields: { event: 'stopped', refused: 13 } });
  });

  it('tells at the end what was left out, and nothing afterwards', () => {
    log.started('Sessions are open', { keys: 1, hints: [] });
    for (let i = 0; i < 8; i++) events.emit('rejected', { session: 'default', reason: 'length' });
    log.stopped();
    expect(lines.at(-2)!.message).toContain('… 3 more since then');
    const { length } = lines;
    time.pass(3_600_000);
    expect(lines).toHaveLength(length);
  });

  it('says once that pruning fails, and once that it works again', () => {
    const fail = () => events.emit('pruneFailed', { session: 'default', code: '42501' });
    const work = () => events.emit('pruned', { session: 'default', rows: 3 });
    for (const step of [work, fail, fail, work, work]) step();
    expect(names()).toEqual(['pruneFailed', 'pruneWorks']);
  });

  it('calls a commit that failed as it should no warning', () => {
    const fail = (code: string) => events.emit('commitFailed', { session: 'default', code, message: 'm' });
    for (const code of ['ERR_SESSION_CONFLICT', 'ERR_SESSION_STORE', 'ERR_SESSION_TOO_LARGE']) fail(code);
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'warn']);
  });

  it('says that an operator has ended no session by the end of one', () => {
    const deed = { session: 'default', actor: 'grace', action: 'revoke', subject: 'ada', id: 'x' } as const;
    for (const sessions of [0, 1, undefined])
      events.emit('operatorAction', { ...deed, sessions, failed: undefined });
    const vain = lines.map(({ message }) => message.endsWith(', and no session has ended'));
    expect(vain).toEqual([true, false, false]);
  });

  it('has a line for revokeAll(), and none for the end of one session', () => {
    events.emit('signedOut', { session: 'default', id: 'x', subject: 'ada', why: 'revoked' });
    events.emit('signedOut', { session: 'default', id: undefined, subject: undefined, why: 'revoked' });
    expect(names()).toEqual(['revokedAll']);
  });
});

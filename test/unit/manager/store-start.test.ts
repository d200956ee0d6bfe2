import { describe, expect, it } from 'vitest';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { SessionStoreError } from '../../../lib/errors/session-store.error.js';
import { StoreStart } from '../../../lib/manager/store-start.js';

/** Opens a store that fails once for each of `errors`, and then opens. */
async function start(onStoreDown: 'fail' | 'wait', ...errors: unknown[]) {
  const lines: string[] = [];
  const rests: number[] = [];
  const one = new StoreStart(onStoreDown, async (attempt) => void rests.push(attempt));
  const left = [...errors];
  const open = async () => {
    if (left.length) throw left.shift() as Error;
  };
  await one.open({ open, close: async () => undefined }, (line) => lines.push(line));
  return { lines, rests };
}

const away = (code: string) => Object.assign(new Error('a secret'), { code });
const down = (reason: string) => new SessionStoreError('check', reason);

describe('the start of a store', () => {
  it('fails when the store is unavailable, and names the fault and the option that waits', async () => {
    const failed = start('fail', away('ECONNREFUSED'));
    await expect(failed).rejects.toThrow(
      /nobody listens at its address \(ECONNREFUSED\).*session.onStoreDownAtStart: 'wait'/,
    );
    await expect(failed).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', reason: 'ECONNREFUSED' });
  });

  it.each([
    [away('ECONNREFUSED'), 'nobody listens at its address (ECONNREFUSED)'],
    [away('ENOTFOUND'), 'the name of its host is not known (ENOTFOUND)'],
    [away('57P03'), 'the database is starting up or shutting down (57P03)'],
    [new Error('Connection terminated unexpectedly'), 'it is unavailable (Error)'],
    [down('timeout'), 'it does not answer in time (timeout)'],
    [down('replica'), 'the server is a replica, which takes no logouts and shows old sessions (replica)'],
    [down('LOADING'), 'Redis is loading its data (LOADING)'],
  ])('waits after %o, and says: %s', async (error, meaning) => {
    const { lines } = await start('wait', error);
    expect(lines).toEqual([`The start waits for the session store: ${meaning}`]);
  });

  it('writes one line for each fault, and rests after each attempt', async () => {
    const { lines, rests } = await start(
      'wait',
      ...['57P03', '57P03', '57P03', 'LOADING', '57P03'].map(down),
    );
    expect(lines).toHaveLength(2);
    expect(rests).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    new SessionConfigError([{ path: 'store.table', message: 'does not exist' }]),
    away('28P01'),
    away('3D000'),
    new TypeError('a mistake'),
    away('ERR_SOMETHING'),
  ])('waits for nothing that waiting does not mend: %o', async (error) => {
    await expect(start('wait', error)).rejects.toBe(error);
  });

  it.each([
    '42501',
    'TypeError',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'WRONGPASS',
    'NOAUTH',
    'unknown',
  ])('waits for no store that fails with %s, and says so', async (reason) => {
    await expect(start('wait', down(reason))).rejects.toThrow(
      `The application cannot start without its session store, which failed with ${reason} in check`,
    );
  });

  it('waits for an error without a code ten times, and names what may be wrong then', async () => {
    const errors = Array.from({ length: 11 }, () => down('Error'));
    await expect(start('wait', ...errors)).rejects.toThrow(/no code.*check the password and TLS/);
    const { rests } = await start('wait', ...errors.slice(1), down('57P03'));
    expect(rests).toHaveLength(11);
  });

  it('ends when the application is closed, and closes a store that opens afterwards', async () => {
    const one = new StoreStart('wait');
    let isClosed = false;
    let finish!: () => void;
    const open = () => new Promise<void>((resolve) => (finish = resolve));
    const close = async () => void (isClosed = true);
    const opening = one.open({ open, close }, () => undefined);
    one.stop();
    await expect(opening).rejects.toMatchObject({ reason: 'closed' });
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(true);
    await expect(one.open({ open, close }, () => undefined)).rejects.toMatchObject({ reason: 'closed' });
  });

  it('does not rest any longer when the application is closed', async () => {
    const one = new StoreStart('wait', (_, signal) => {
      one.stop();
      return signal.aborted ? Promise.reject(new Error('aborted')) : new Promise(() => undefined);
    });
    const open = async () => {
      throw away('ECONNREFUSED');
    };
    const opening = one.open({ open, close: async () => undefined }, () => undefined);
    await expect(opening).rejects.toMatchObject({ reason: 'closed' });
  });
});

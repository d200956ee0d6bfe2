import { describe, expect, it } from 'vitest';
import { OpensslDriver, SessionDriverError } from 'nestjs-session-crypto';
import { watchDriver } from '../../../lib/manager/watch-driver.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { slowDriver } from '../../support/slow-driver.js';

/** Loses its token, or the library that seals, and goes on with what it has derived before. */
class Token extends OpensslDriver {
  isAway = false;
  cannotSeal = false;
  cannotDerive = false;

  override expand(...args: Parameters<OpensslDriver['expand']>) {
    if (this.isAway) throw new SessionDriverError('expand', 'CKR_TOKEN_NOT_PRESENT');
    return super.expand(...args);
  }

  derive(key: object): object {
    if (this.cannotDerive) throw new SessionDriverError('derive', 'CKR_DEVICE_ERROR');
    return key;
  }

  override seal(): Buffer {
    if (this.cannotSeal) throw new SessionDriverError('seal', 'CKR_GENERAL_ERROR');
    return Buffer.alloc(0);
  }

  override open(): Buffer {
    return Buffer.alloc(0);
  }
}

const ways = [
  ['throws', (driver: Token) => driver],
  [
    'rejects',
    (driver: Token) => ({ ...slowDriver(driver), derive: async (key: object) => driver.derive(key) }),
  ],
] as const;

describe.each(ways)('watchDriver, of a driver that %s', (_, of) => {
  function watching() {
    const seen: string[] = [];
    const events = new SessionEvents()
      .on('driverDown', ({ code }) => seen.push(`down ${code}`))
      .on('driverUp', () => seen.push('up'));
    const token = new Token();
    const driver = watchDriver(of(token), { name: 'default', events }, 60_000);
    const tried = async (call: () => unknown) => {
      try {
        await call();
      } catch (error) {
        expect(error).toBeInstanceOf(SessionDriverError);
      }
    };
    const key = token.importKey(Buffer.alloc(32, 1));
    return {
      seen,
      token,
      derive: () => tried(() => driver.derive!(key, Buffer.from('info'), 32)),
      expand: () => tried(() => driver.expand(key, Buffer.from('info'), 32)),
      seal: () => tried(() => (driver.seal as () => unknown)()),
      open: () => tried(() => (driver.open as () => unknown)()),
    };
  }

  it('tells once that the token is away, while keys that were derived before go on', async () => {
    const { seen, token, expand, seal, open } = watching();
    token.isAway = true;
    for (let i = 0; i < 3; i++) {
      await expand();
      await open();
      await seal();
    }
    expect(seen).toEqual(['down CKR_TOKEN_NOT_PRESENT']);
    token.isAway = false;
    await open();
    expect(seen).toHaveLength(1);
    await expand();
    expect(seen).toEqual(['down CKR_TOKEN_NOT_PRESENT', 'up']);
  });

  it('believes no handle that was derived while the token is away, and any use of the token afterwards', async () => {
    const { seen, token, expand, derive } = watching();
    token.isAway = true;
    await expand();
    await derive();
    expect(seen).toEqual(['down CKR_TOKEN_NOT_PRESENT']);
    token.cannotDerive = true;
    await derive();
    token.isAway = false;
    await expand();
    expect(seen).toEqual(['down CKR_TOKEN_NOT_PRESENT', 'up']);
  });

  it('is up again when all that has failed works', async () => {
    const { seen, token, expand, seal } = watching();
    token.isAway = token.cannotSeal = true;
    await expand();
    await seal();
    token.isAway = false;
    await expand();
    expect(seen).toHaveLength(1);
    token.cannotSeal = false;
    await seal();
    expect(seen).toEqual(['down CKR_TOKEN_NOT_PRESENT', 'up']);
  });
});

it('watchDriver waits for no promise longer than its limit, and asks anew at the next call', async () => {
  const seen: string[] = [];
  const events = new SessionEvents()
    .on('driverDown', ({ code }) => seen.push(`down ${code}`))
    .on('driverUp', () => seen.push('up'));
  const openssl = new OpensslDriver();
  let isSilent = true;
  const silent = {
    name: 'silent',
    ciphers: openssl.ciphers,
    importKey: openssl.importKey.bind(openssl),
    expand: async (...args: Parameters<OpensslDriver['expand']>) =>
      isSilent ? new Promise<Buffer>(() => undefined) : openssl.expand(...args),
    seal: openssl.seal.bind(openssl),
    open: openssl.open.bind(openssl),
  };
  const driver = watchDriver(silent, { name: 'default', events }, 5);
  const expand = async () => driver.expand(openssl.importKey(Buffer.alloc(32)), Buffer.from('info'), 32);
  await expect(expand()).rejects.toMatchObject({ code: 'ERR_SESSION_DRIVER', reason: 'timeout' });
  isSilent = false;
  expect(await expand()).toHaveLength(32);
  expect(seen).toEqual(['down timeout', 'up']);
});

it('watchDriver wipes a plaintext that comes too late', async () => {
  let answer: (plaintext: Buffer) => void = () => undefined;
  const slow = {
    ...slowDriver(new OpensslDriver()),
    open: () => new Promise<Buffer>((one) => (answer = one)),
  };
  const driver = watchDriver(slow, { name: 'default', events: new SessionEvents() }, 5);
  await expect((driver.open as () => unknown)()).rejects.toMatchObject({ reason: 'timeout' });
  const plaintext = Buffer.from('of somebody');
  answer(plaintext);
  await new Promise(setImmediate);
  expect(plaintext.every((byte) => byte === 0)).toBe(true);
});

it('watchDriver keeps the version', () => {
  const driver = new OpensslDriver();
  const watched = watchDriver(driver, { name: 'default', events: new SessionEvents() }, 1000);
  expect(watched.version).toBe(driver.version);
});

import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { NO_ROW } from '../../../lib/envelope/envelope-context.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { SessionStoreError } from '../../../lib/errors/session-store.error.js';
import type { ManagedKeys } from '../../../lib/ring/managed-keys.js';
import { RingAdministration } from '../../../lib/ring/ring-administration.js';
import { slowDriver } from '../../support/slow-driver.js';
import { context, envelopeOf } from '../envelope/samples.js';
import { Between, DAY, Fleet, idsOf, LONGEST, secretOf } from './fleet.js';

/** Remembers every buffer of key bytes that it gets or gives. */
class WatchedDriver extends OpensslDriver {
  constructor(private readonly seen: Uint8Array[]) {
    super();
  }

  override importKey(bytes: Uint8Array) {
    this.seen.push(bytes);
    return super.importKey(bytes);
  }

  override seal(...args: Parameters<OpensslDriver['seal']>) {
    this.seen.push(args[3]);
    return super.seal(...args);
  }

  override open(...args: Parameters<OpensslDriver['open']>) {
    const text = super.open(...args);
    if (text) this.seen.push(text);
    return text;
  }
}

/** Stops a process at the end of the test. */
function tracked<K extends ManagedKeys>(keys: K): K {
  onTestFinished(() => keys.stop());
  return keys;
}

const start = async (fleet: Fleet, ...args: Parameters<Fleet['build']>) =>
  tracked(await fleet.start(...args));

/** Revokes the only key while another row does not open, so that no key is left. */
async function revokeLast(fleet: Fleet, keys: ManagedKeys): Promise<void> {
  const [first] = await fleet.rows();
  const junk = { ...first!, id: 2, hint: 7, state: 'published' as const, wrapped: Buffer.from('x') };
  await fleet.memory.insert('default', junk);
  await expect(new RingAdministration(keys).revoke(1)).rejects.toThrow(/row of key 2/);
}

/** An asynchronous driver. The derivations that `hold` begins end when they are released, and all others at once. */
function heldDriver() {
  const driver = slowDriver(new OpensslDriver());
  let held: Promise<void> | undefined;
  const expand: CryptoDriver['expand'] = async (...args) => {
    await held;
    return driver.expand(...args);
  };
  function hold<T>(work: () => T): { underWay: T; release: () => void } {
    let release!: () => void;
    held = new Promise((resolve) => (release = resolve));
    const underWay = work();
    held = undefined;
    return { underWay, release };
  }
  return { driver: { ...driver, expand }, hold };
}

describe('ManagedKeys', () => {
  it('makes one first key, however many processes start at once', async () => {
    const fleet = new Fleet();
    const all = await Promise.all(Array.from({ length: 10 }, () => start(fleet)));
    expect(await fleet.states()).toEqual(['1 sealing']);
    expect(new Set(all.map(({ ring }) => ring.first.hint)).size).toBe(1);
    expect(fleet.told.filter((line) => line.endsWith('sealing'))).toHaveLength(1);
  });

  it('goes through all steps, and every process follows at its next reading', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    fleet.pass(88 * DAY);
    await one.followQuietly();
    expect([await idsOf(one, fleet), await idsOf(two, fleet)]).toEqual([[1, 2], [1]]);
    await two.followQuietly();
    expect(await idsOf(two, fleet)).toEqual([1, 2]);
    fleet.pass(2 * DAY);
    await two.followQuietly();
    expect([await idsOf(one, fleet), await idsOf(two, fleet)]).toEqual([
      [1, 2],
      [2, 1],
    ]);
    await one.followQuietly();
    expect(await idsOf(one, fleet)).toEqual([2, 1]);
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    fleet.pass(LONGEST + 599);
    await one.followQuietly();
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    fleet.pass(1);
    await one.followQuietly();
    expect(await fleet.states()).toEqual(['2 sealing']);
    expect(await idsOf(one, fleet)).toEqual([2]);
  });

  it('makes one next key when many processes find it due at once', async () => {
    const fleet = new Fleet();
    const all = await Promise.all(Array.from({ length: 20 }, () => start(fleet)));
    fleet.pass(89 * DAY);
    await Promise.all(all.map((keys) => keys.followQuietly()));
    expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
    fleet.pass(3 * DAY);
    await Promise.all(all.map((keys) => keys.followQuietly()));
    await Promise.all(all.map((keys) => keys.followQuietly()));
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    for (const keys of all) expect(await idsOf(keys, fleet)).toEqual([2, 1]);
  });

  it('keeps its ring object while no row changes', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    const { ring } = keys;
    await keys.followQuietly();
    await keys.reload();
    expect(keys.ring).toBe(ring);
  });

  it('keeps the last good ring when the store fails, raises one alarm, and says when all is well again', async () => {
    const fleet = new Fleet();
    const store = new Between(fleet.memory);
    const keys = await start(fleet, [secretOf('11')], { store });
    const { ring } = keys;
    fleet.told.length = 0;
    store.before = () => {
      throw new SessionStoreError('loadKeys', 'ECONNREFUSED');
    };
    for (let i = 0; i < 5; i++) await keys.followQuietly();
    expect(keys.ring).toBe(ring);
    expect(fleet.told).toEqual(['The session store is unavailable']);
    await expect(keys.reload()).rejects.toThrow(SessionStoreError);
    store.before = () => undefined;
    await keys.followQuietly();
    expect(fleet.told.slice(1)).toEqual(['reloaded 1']);
  });

  it('does not start when a row does not unwrap, and says which row and which secret', async () => {
    const fleet = new Fleet();
    const first = await start(fleet, [secretOf('11')]);
    await new RingAdministration(first).add();
    const other = tracked(await fleet.build([secretOf('22')]));
    const error: unknown = await other.open(() => undefined).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SessionConfigError);
    const { faults, message } = error as SessionConfigError;
    expect(faults).toHaveLength(2);
    const [row] = await fleet.rows();
    expect(message).toContain(`the row of key 1 (hint ${row!.hint.toString(16).padStart(8, '0')})`);
    expect(message).toContain(
      `a secret with the hint ${row!.wrapped.toString('hex', 1, 5)}, which is missing`,
    );
    expect(message).not.toContain('11111111');
    expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
  });

  it('changes nothing in the store when it cannot unwrap, even if something is due', async () => {
    const fleet = new Fleet();
    await start(fleet);
    fleet.pass(100 * DAY);
    const other = tracked(await fleet.build([secretOf('22')]));
    await expect(other.open(() => undefined)).rejects.toThrow(/is missing/);
    expect(await fleet.states()).toEqual(['1 sealing']);
  });

  it('keeps its ring when somebody edits, swaps or moves a row', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    await new RingAdministration(keys).add();
    const { ring } = keys;
    const [one, two] = await fleet.rows();
    const version = one!.version + 1;
    const forgeries = [
      { ...one!, version },
      { ...one!, version, state: 'retiring' as const },
      { ...one!, version, sealsAt: new Date(0) },
      { ...two!, id: 1, hint: one!.hint, version },
    ];
    for (const forged of forgeries) {
      await fleet.memory.remove('default', 1, version);
      await fleet.memory.remove('default', 1, one!.version);
      await fleet.memory.insert('default', forged);
      fleet.told.length = 0;
      await keys.followQuietly();
      expect(keys.ring).toBe(ring);
    }
    await expect(keys.reload()).rejects.toThrow(/the row of key 1 .* does not open \(tag\)/);
  });

  it('does not open a row of another ring', async () => {
    const fleet = new Fleet();
    await start(fleet);
    const [row] = await fleet.rows();
    await fleet.memory.insert('other', row!);
    const other = tracked(await fleet.build([secretOf('11')], { name: 'other' }));
    await expect(other.open(() => undefined)).rejects.toThrow(/crypto\.ring: the row of key 1/);
  });

  it('takes no rows that are older than those it has read', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    const backup = await fleet.rows();
    await new RingAdministration(keys).add();
    fleet.pass(3 * DAY);
    await keys.followQuietly();
    const { ring } = keys;
    for (const { id, version } of await fleet.rows()) await fleet.memory.remove('default', id, version);
    await expect(keys.reload()).rejects.toThrow(/older rows than this process has read/);
    for (const row of backup) await fleet.memory.insert('default', row);
    await expect(keys.reload()).rejects.toThrow(/was a backup restored/);
    expect(keys.ring).toBe(ring);
  });

  it('takes the ring as it is when it comes back after keys were dropped', async () => {
    const fleet = new Fleet();
    const [awake, asleep] = [await start(fleet), await start(fleet)];
    for (let day = 0; day < 200; day++) {
      fleet.pass(DAY);
      await awake.followQuietly();
    }
    await asleep.followQuietly();
    expect(await idsOf(asleep, fleet)).toEqual(await idsOf(awake, fleet));
    expect(fleet.told.filter((line) => line.includes('older'))).toEqual([]);
  });

  it('wraps the rows anew when another secret is the first, and starts without the old one then', async () => {
    const fleet = new Fleet();
    const before = await start(fleet, [secretOf('11')]);
    const { hint } = before.ring.first;
    const old = (await fleet.rows())[0]!.wrapped.readUInt32BE(1);
    await start(fleet, [secretOf('22'), secretOf('11')]);
    expect((await fleet.rows())[0]!.wrapped.readUInt32BE(1)).not.toBe(old);
    const after = await start(fleet, [secretOf('22')]);
    expect(after.ring.first.hint).toBe(hint);
  });

  it('does not wrap in turns without end while a fleet changes its list of secrets', async () => {
    const fleet = new Fleet();
    const one = await start(fleet, [secretOf('11'), secretOf('22')]);
    const two = await start(fleet, [secretOf('22'), secretOf('11')]);
    const { version } = (await fleet.rows())[0]!;
    for (let i = 0; i < 5; i++) {
      await one.followQuietly();
      await two.followQuietly();
    }
    expect((await fleet.rows())[0]!.version).toBe(version);
  });

  it('adopts what the secrets have sealed: they seal until a key was published, and open as long as it is asked for', async () => {
    const fleet = new Fleet();
    const before = await start(fleet, [secretOf('11')], { name: 'other', adopt: true });
    const { hint } = before.ring.first;
    const keys = await start(fleet, [secretOf('11')], { name: 'other', adopt: true });
    expect(keys.ring.keys.map((key) => [key.hint === hint, key.index])).toEqual([
      [true, 0],
      [false, 1],
    ]);
    fleet.pass(2 * DAY);
    const { generation } = keys.ring;
    await keys.followQuietly();
    expect(keys.ring.generation).toBeGreaterThan(generation);
    expect(keys.ring.keys.map((key) => [key.hint === hint, key.index])).toEqual([
      [false, 0],
      [true, 1],
    ]);
    const after = await start(fleet, [secretOf('11')], { name: 'other' });
    expect(after.ring.find(hint)).toBeUndefined();
  });

  it('keeps keys as long as a feature on top needs them', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    keys.keepFor(30 * DAY);
    fleet.pass(88 * DAY);
    await keys.followQuietly();
    fleet.pass(2 * DAY);
    await keys.followQuietly();
    fleet.pass(30 * DAY);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    fleet.pass(600);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['2 sealing']);
  });

  it('drops nothing before it is ready: a feature may still ask for more time', async () => {
    const fleet = new Fleet();
    const awake = await start(fleet);
    await new RingAdministration(awake).add();
    fleet.pass(3 * DAY);
    await awake.followQuietly();
    fleet.pass(DAY);
    const late = tracked(await fleet.build());
    await late.open(() => undefined);
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    late.ready();
    await late.followQuietly();
    expect(await fleet.states()).toEqual(['2 sealing']);
  });

  it('takes a key that was made again with the number and version of one that a failover has lost', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    fleet.pass(88 * DAY);
    for (const keys of [one, two]) await keys.followQuietly();
    const lost = (await fleet.rows())[1]!;
    await fleet.memory.remove('default', 2, lost.version);
    await one.followQuietly();
    const made = (await fleet.rows())[1]!;
    expect([made.id, made.version]).toEqual([lost.id, lost.version]);
    await two.followQuietly();
    expect(two.ring.find(lost.hint)).toBeUndefined();
    expect(two.ring.find(made.hint)).toBeDefined();
  });

  it('never opens by a revoked or dropped key again, whoever puts its row back', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    const old = (await fleet.rows())[0]!;
    await new RingAdministration(keys).revoke(1);
    await fleet.memory.remove('default', 1, (await fleet.rows())[0]!.version);
    await keys.followQuietly();
    await fleet.memory.insert('default', old);
    await expect(keys.reload()).rejects.toThrow(/key 1 was revoked and is back/);
    expect(keys.ring.find(old.hint)).toBeUndefined();
  });

  it('does not go back to an old key below a made-up revoked row', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    const old = (await fleet.rows())[0]!;
    for (const days of [88, 2, 3]) {
      fleet.pass(days * DAY);
      await keys.followQuietly();
    }
    expect(await fleet.states()).toEqual(['2 sealing']);
    const { ring } = keys;
    await fleet.memory.remove('default', 2, (await fleet.rows())[0]!.version);
    await fleet.memory.insert('default', old);
    const wrapped = Buffer.alloc(0);
    await fleet.memory.insert('default', { ...old, id: 1000, hint: 7, state: 'revoked', wrapped });
    await expect(keys.reload()).rejects.toThrow(/older rows/);
    expect(keys.ring).toBe(ring);
  });

  it('drops a key again whose drop a failover has lost, and does not open by it', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    await new RingAdministration(keys).add();
    fleet.pass(2 * DAY);
    await keys.followQuietly();
    const retired = (await fleet.rows())[0]!;
    fleet.pass(DAY);
    await keys.followQuietly();
    await fleet.memory.insert('default', retired);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['2 sealing']);
    expect(keys.ring.find(retired.hint)).toBeUndefined();
    expect(fleet.told.filter((line) => line.includes('older'))).toEqual([]);
  });

  it('lets a revocation have effect while another row does not open', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await new RingAdministration(one).add();
    await two.followQuietly();
    const [first, second] = await fleet.rows();
    const junk = { ...first!, id: 3, hint: 7, state: 'published' as const, wrapped: Buffer.from('x') };
    await fleet.memory.insert('default', junk);
    await expect(new RingAdministration(one).revoke(1)).rejects.toThrow(/row of key 3/);
    await two.followQuietly();
    for (const keys of [one, two])
      expect(keys.ring.keys.map(({ hint, index }) => [hint, index])).toEqual([[second!.hint, 0]]);
  });

  it('seals by no revoked key when none is left, and by a new one as soon as the rows open', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    await revokeLast(fleet, keys);
    expect(() => keys.ring.first).toThrow(/All keys of the managed ring are revoked/);
    await fleet.memory.remove('default', 2, 1);
    await keys.followQuietly();
    expect(await idsOf(keys, fleet)).toEqual([2]);
  });

  it('opens nothing when no key is left, and throws nothing for that', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    const envelope = envelopeOf(keys);
    const sealed = (await envelope.seal(Buffer.from('text'), context(), NO_ROW)) as Buffer;
    await revokeLast(fleet, keys);
    expect(envelope.open(sealed, context(), NO_ROW)).toBe('unknown-key');
    expect(() => envelope.seal(Buffer.from('text'), context(), NO_ROW)).toThrow(/are revoked/);
  });

  it('ends in peace what waits for the driver while the last key is revoked', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const { driver, hold } = heldDriver();
    const fleet = new Fleet(driver);
    const keys = await start(fleet);
    const plaintext = Buffer.from('text');
    const sealed = await envelopeOf(keys, { driver }).seal(plaintext, context(), NO_ROW);
    const envelope = envelopeOf(keys, { driver });
    const { underWay, release } = hold(() =>
      Promise.all([envelope.seal(plaintext, context(), NO_ROW), envelope.open(sealed, context(), NO_ROW)]),
    );
    await revokeLast(fleet, keys);
    release();
    expect(await underWay).toEqual([expect.any(Buffer), { plaintext, stale: false }]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('promotes nothing after an outage before every process had time to read', async () => {
    const fleet = new Fleet();
    const store = new Between(fleet.memory);
    const all = [await start(fleet, undefined, { store }), await start(fleet, undefined, { store })];
    await new RingAdministration(all[0]!).retire(1);
    store.before = () => {
      throw new SessionStoreError('loadKeys', 'ECONNREFUSED');
    };
    fleet.pass(300);
    for (const keys of all) await keys.followQuietly();
    store.before = () => undefined;
    await all[0]!.followQuietly();
    expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
    await all[1]!.followQuietly();
    fleet.pass(120);
    await all[0]!.followQuietly();
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    expect(all[1]!.ring.find(all[0]!.ring.first.hint)).toBeDefined();
  });

  describe('of which one can no longer read its store', () => {
    const away = () => {
      throw new SessionStoreError('loadKeys', 'ECONNREFUSED');
    };

    /** Two processes that know the published key 2, which seals in a day. The store of one can fail. */
    async function startPair() {
      const fleet = new Fleet();
      const store = new Between(fleet.memory);
      const [alone, other] = [await start(fleet, undefined, { store }), await start(fleet)];
      fleet.pass(88 * DAY);
      await other.followQuietly();
      await alone.followQuietly();
      fleet.pass(DAY);
      for (const keys of [alone, other]) await keys.followQuietly();
      return { fleet, store, alone, other };
    }

    const seals = async (keys: ManagedKeys, fleet: Fleet) => (await idsOf(keys, fleet))[0];

    it('seals by no key that the others have dropped', async () => {
      const { fleet, store, alone, other } = await startPair();
      const { hint } = alone.ring.first;
      store.before = away;
      for (const seconds of [DAY, 120, LONGEST + 480]) {
        fleet.pass(seconds);
        for (const keys of [other, alone]) await keys.followQuietly();
      }
      expect(await fleet.states()).toEqual(['2 sealing']);
      expect(other.ring.find(alone.ring.first.hint)).toBe(other.ring.first);
      expect(alone.ring.keys.map((key) => [key.hint === hint, key.index])).toEqual([
        [false, 0],
        [true, 1],
      ]);
      expect(fleet.told.filter((line) => line.includes('unavailable'))).toHaveLength(1);
    });

    it('seals by the next key two minutes after its time, and writes nothing', async () => {
      const { fleet, store, alone } = await startPair();
      const before = await fleet.rows();
      store.before = away;
      fleet.pass(DAY + 119);
      await alone.followQuietly();
      expect(await seals(alone, fleet)).toBe(1);
      fleet.pass(1);
      await alone.followQuietly();
      expect(await seals(alone, fleet)).toBe(2);
      const { ring } = alone;
      await alone.followQuietly();
      expect(alone.ring).toBe(ring);
      expect(await fleet.rows()).toEqual(before);
    });

    it('seals by the next key also while another row does not open, unless a person has retired that key', async () => {
      for (const isRetired of [false, true]) {
        const { fleet, alone, other } = await startPair();
        if (isRetired) await new RingAdministration(other).retire(2);
        const [first] = await fleet.rows();
        const junk = { ...first!, id: 9, hint: 7, state: 'published' as const, wrapped: Buffer.from('x') };
        await fleet.memory.insert('default', junk);
        fleet.pass(DAY + 120);
        await alone.followQuietly();
        expect(await seals(alone, fleet)).toBe(isRetired ? 1 : 2);
      }
    });

    it('seals by the next key also while its store does not answer', async () => {
      const { fleet, store, alone } = await startPair();
      let answer!: (reason: Error) => void;
      store.before = () => new Promise((_resolve, reject) => (answer = reject));
      const hanging = alone.followQuietly();
      fleet.pass(DAY + 120);
      await alone.followQuietly();
      expect(await seals(alone, fleet)).toBe(2);
      store.before = away;
      answer(new Error('no answer'));
      await hanging;
    });

    it('seals by no key that the others may not have read', async () => {
      const { fleet, store, alone, other } = await startPair();
      await new RingAdministration(other).retire(1);
      const added = await new RingAdministration(alone).add();
      await new RingAdministration(alone).promote(added.id);
      store.before = away;
      fleet.pass(DAY / 2);
      await alone.followQuietly();
      expect(await seals(alone, fleet)).toBe(2);
    });

    it('does as the rows say when it reads them again', async () => {
      const fleet = new Fleet();
      const store = new Between(fleet.memory);
      const keys = await start(fleet, undefined, { store, publishLead: 3600 });
      await new RingAdministration(keys).add();
      fleet.pass(120);
      await keys.followQuietly();
      store.before = away;
      fleet.pass(3600);
      await keys.followQuietly();
      expect(await idsOf(keys, fleet)).toEqual([2, 1]);
      store.before = () => undefined;
      await keys.followQuietly();
      expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
      expect(await idsOf(keys, fleet)).toEqual([1, 2]);
      fleet.pass(120);
      await keys.followQuietly();
      expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
      expect(await idsOf(keys, fleet)).toEqual([2, 1]);
    });

    it('opens no more by a key that it sealed by alone, once it reads that the key was revoked', async () => {
      const { fleet, store, alone, other } = await startPair();
      store.before = away;
      fleet.pass(DAY + 120);
      await alone.followQuietly();
      const { hint } = alone.ring.first;
      await new RingAdministration(other).revoke(2);
      store.before = () => undefined;
      await alone.followQuietly();
      expect(alone.ring.find(hint)).toBeUndefined();
      expect(await seals(alone, fleet)).toBe(await seals(other, fleet));
    });
  });

  it('does nothing by a clock of the store that has jumped, and says so', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    for (const days of [88, 2]) {
      fleet.pass(days * DAY);
      await keys.followQuietly();
    }
    const states = ['1 retiring', '2 sealing'];
    fleet.wrong = 365 * DAY * 1000;
    await keys.followQuietly();
    fleet.pass(30);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(states);
    expect(fleet.told.filter((line) => line.includes('clock of the keys'))).toHaveLength(1);
    fleet.wrong = 0;
    await keys.followQuietly();
    fleet.pass(600);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(states);
    fleet.pass(DAY);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['2 sealing']);
  });

  it('makes a key in place of a revoked one at once, whatever the clock says', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    fleet.wrong = 365 * DAY * 1000;
    await new RingAdministration(keys).revoke(1).catch(() => undefined);
    expect(await idsOf(keys, fleet)).toEqual([2]);
  });

  it('wraps anew what a server with the old list has wrapped meanwhile: after ten minutes, or when it is asked to', async () => {
    for (const asked of [false, true]) {
      const fleet = new Fleet();
      const old = await start(fleet, [secretOf('11'), secretOf('22')]);
      const fresh = await start(fleet, [secretOf('22'), secretOf('11')]);
      await new RingAdministration(old).add();
      await fresh.followQuietly();
      const opens = async () => {
        const last = tracked(await fleet.build([secretOf('22')]));
        return last
          .open(() => undefined)
          .then(
            () => true,
            () => false,
          );
      };
      expect(await opens()).toBe(false);
      if (asked) await fresh.reload();
      else fleet.pass(600);
      await fresh.followQuietly();
      expect(await opens()).toBe(true);
    }
  });

  it('follows the rows from its opening on, while the start waits for another store', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const fleet = new Fleet();
    const keys = tracked(await fleet.build());
    await keys.open(() => undefined);
    await new RingAdministration(await start(fleet)).add();
    vi.advanceTimersByTime(30_000);
    await keys.load(); // behind the reading of the timer
    expect(await idsOf(keys, fleet)).toEqual([1, 2]);
  });

  it('throws where a key is needed before it is open, and rejects when it is stopped', async () => {
    const fleet = new Fleet();
    const keys = await fleet.build();
    expect(() => keys.ring).toThrow(/are not read yet/);
    await keys.open(() => undefined);
    await keys.stop();
    await expect(keys.load()).rejects.toThrow(/the application is closing/);
  });

  it('wipes all key bytes: those that it drew, wrapped, unwrapped and imported', async () => {
    const seen: Uint8Array[] = [];
    const fleet = new Fleet(new WatchedDriver(seen));
    const keys = await start(fleet, [secretOf('22'), secretOf('11')]);
    const ring = new RingAdministration(keys);
    await ring.add();
    fleet.pass(3 * DAY);
    await keys.followQuietly();
    await ring.revoke(1);
    const other = await start(fleet, [secretOf('22')]);
    await other.reload();
    await other.load(); // after the report that the new secrets have begun
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.filter((bytes) => bytes.some((byte) => byte !== 0))).toEqual([]);
  });

  it('wipes the bytes of rows that it has opened when the driver throws in the middle', async () => {
    const seen: Uint8Array[] = [];
    const fleet = new Fleet();
    await new RingAdministration(await start(fleet)).add();
    let opens = 0;
    class Failing extends WatchedDriver {
      override open(...args: Parameters<OpensslDriver['open']>) {
        if (++opens > 6) throw new Error('the token is gone');
        return super.open(...args);
      }
    }
    const failing = new Fleet(new Failing(seen));
    for (const row of await fleet.rows()) await failing.memory.insert('default', row);
    const keys = tracked(await failing.build());
    const before = seen.length;
    opens = 5;
    await expect(keys.open(() => undefined)).rejects.toThrow('the token is gone');
    expect(seen.length).toBeGreaterThan(before);
    expect(seen.filter((bytes) => bytes.some((byte) => byte !== 0))).toEqual([]);
  });

  it('shows no key bytes when it is inspected', async () => {
    const fleet = new Fleet();
    const keys = await start(fleet);
    const shown = inspect(keys, { depth: 12 }) + JSON.stringify(await new RingAdministration(keys).list());
    expect(shown).not.toContain('11'.repeat(8));
    expect(shown).toContain('KeyRing { keys: 1');
  });
});

describe('RingAdministration', () => {
  const administer = async (fleet: Fleet) => {
    const keys = await start(fleet);
    return { keys, ring: new RingAdministration(keys) };
  };

  it('lists hints, states and times, also those to come', async () => {
    const fleet = new Fleet();
    const { ring, keys } = await administer(fleet);
    const [first] = await ring.list();
    const hint = keys.ring.first.hint.toString(16).padStart(8, '0');
    const retires = fleet.now.getTime() + 90 * DAY * 1000;
    expect(first).toEqual({
      id: 1,
      hint,
      state: 'sealing',
      createdAt: fleet.now,
      sealsAt: fleet.now,
      retiresAt: new Date(retires),
      dropsAt: new Date(retires + (LONGEST + 600) * 1000),
      opens: 0,
    });
  });

  it('adds a key that is published for its time', async () => {
    const fleet = new Fleet();
    const { ring } = await administer(fleet);
    const added = await ring.add();
    expect(added).toMatchObject({ id: 2, state: 'published' });
    expect(+added.sealsAt - +fleet.now).toBe(2 * DAY * 1000);
  });

  it('promotes a key as soon as every process knows it', async () => {
    const fleet = new Fleet();
    const { ring, keys } = await administer(fleet);
    await ring.add();
    const sealsAt = new Date(fleet.now.getTime() + 120_000);
    expect(await ring.promote(2)).toMatchObject({ state: 'published', sealsAt });
    fleet.pass(119);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
    fleet.pass(1);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
  });

  it('promotes at once what was published long enough', async () => {
    const fleet = new Fleet();
    const { ring } = await administer(fleet);
    await ring.add();
    fleet.pass(120);
    expect(await ring.promote(2)).toMatchObject({ state: 'sealing', sealsAt: fleet.now });
    expect(await ring.promote(2)).toMatchObject({ state: 'sealing' });
  });

  it('retires the sealing key behind a successor, which it makes if there is none', async () => {
    const fleet = new Fleet();
    const { ring, keys } = await administer(fleet);
    expect(await ring.retire(1)).toMatchObject({ state: 'sealing' });
    expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
    fleet.pass(120);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    await ring.add();
    fleet.pass(300);
    await ring.retire(2);
    expect(await fleet.states()).toEqual(['1 retiring', '2 retiring', '3 sealing']);
  });

  it('retires a published key, so that it never seals', async () => {
    const fleet = new Fleet();
    const { ring, keys } = await administer(fleet);
    await ring.add();
    expect(await ring.retire(2)).toMatchObject({ state: 'retiring' });
    fleet.pass(3 * DAY);
    await keys.followQuietly();
    expect(await fleet.states()).toEqual(['1 sealing', '2 retiring']);
    await expect(ring.promote(2)).rejects.toMatchObject({ code: 'ERR_SESSION_KEY', statusCode: 409 });
  });

  it('revokes a key: its bytes are gone, every process drops it, and another one seals', async () => {
    const fleet = new Fleet();
    const { ring, keys } = await administer(fleet);
    const other = await start(fleet);
    const { hint } = keys.ring.first;
    expect(await ring.revoke(1)).toMatchObject({ state: 'revoked', opens: undefined });
    expect((await fleet.rows())[0]!.wrapped).toHaveLength(0);
    expect(await fleet.states()).toEqual(['1 revoked', '2 sealing']);
    expect(keys.ring.find(hint)).toBeUndefined();
    await other.followQuietly();
    expect(other.ring.find(hint)).toBeUndefined();
    expect(await idsOf(other, fleet)).toEqual([2]);
    expect(await ring.revoke(1)).toMatchObject({ state: 'revoked' });
  });

  it('names the keys that there are when it is asked for another', async () => {
    const { ring } = await administer(new Fleet());
    await expect(ring.revoke(7)).rejects.toThrow('The ring has no key 7; there are 1');
  });

  it('adds two keys when two people add one each at once', async () => {
    const fleet = new Fleet();
    const [one, two] = [await administer(fleet), await administer(fleet)];
    const added = await Promise.all([one.ring.add(), two.ring.add()]);
    expect(added.map(({ id }) => id).toSorted()).toEqual([2, 3]);
  });

  it.each(['retire', 'revoke'] as const)(
    'can %s a first key that waits while the secrets seal',
    async (act) => {
      const fleet = new Fleet();
      const keys = await start(fleet, undefined, { adopt: true });
      const { hint } = keys.ring.first;
      await new RingAdministration(keys)[act](1);
      expect(keys.ring.first.hint).toBe(hint);
      expect((await fleet.states())[1]).toBe('2 published');
    },
  );
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { RingAdministration } from '../../../lib/ring/ring-administration.js';
import type { KeyRow } from '../../../lib/stores/key-row-store.interface.js';
import { Between, Fleet, secretOf } from './fleet.js';

/** A store that loses its first answer to each write, and is asked once more, as `writeAgain` of the SQL stores does. */
class LosesAnswers extends Between {
  override async insert(ring: string, row: KeyRow): Promise<boolean> {
    await super.insert(ring, row);
    return super.insert(ring, row);
  }

  override async update(ring: string, row: KeyRow): Promise<boolean> {
    await super.update(ring, row);
    return super.update(ring, row);
  }
}

async function started() {
  const fleet = new Fleet();
  const keys = await fleet.start([secretOf('11')], { store: new LosesAnswers(fleet.memory) });
  onTestFinished(() => keys.stop());
  return { fleet, administration: new RingAdministration(keys) };
}

describe('RingRows, when the answer to a write is lost and the write is repeated', () => {
  it('makes one key', async () => {
    const { fleet, administration } = await started();
    const added = await administration.add();
    expect([added.id, await fleet.states()]).toEqual([2, ['1 sealing', '2 published']]);
    expect(fleet.told.filter((line) => line.endsWith('published'))).toHaveLength(1);
  });

  it('tells of the change once', async () => {
    const { fleet, administration } = await started();
    await administration.add();
    await administration.retire(2);
    expect(await fleet.states()).toEqual(['1 sealing', '2 retiring']);
    expect(fleet.told.filter((line) => line.endsWith('retiring'))).toHaveLength(1);
  });

  it('tells of a revocation once', async () => {
    const { fleet, administration } = await started();
    await administration.add();
    await administration.revoke(2);
    expect(await fleet.states()).toEqual(['1 sealing', '2 revoked']);
    expect(fleet.told.filter((line) => line.endsWith('revoked'))).toHaveLength(1);
  });
});

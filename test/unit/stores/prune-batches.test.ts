import { describe, expect, it } from 'vitest';
import { pruneBatches } from '../../../lib/stores/prune-batches.js';

describe('pruneBatches', () => {
  it('goes on until a batch is not full, however many there are', async () => {
    let left = 250;
    const removed = await pruneBatches(1, async () => (left-- > 0 ? 1 : 0));
    expect(removed).toBe(250);
  });

  it('lets others have their turn between two batches', async () => {
    const order: string[] = [];
    const sizes = [2, 2, 1];
    const pruned = pruneBatches(2, async () => {
      order.push('batch');
      setImmediate(() => order.push('others'));
      return sizes.shift()!;
    });
    expect(await pruned).toBe(5);
    expect(order).toEqual(['batch', 'others', 'batch', 'others', 'batch']);
  });
});

import type { LoadedKeys } from '../stores/key-row-store.interface.js';
import type { RingStep } from './ring-plan.js';
import type { RingRows } from './ring-rows.js';

/** Does a step that is due. Resolves to `false` if another process was first. */
export async function doStep(rows: RingRows, step: RingStep, loaded: LoadedKeys): Promise<boolean> {
  if (step.step === 'make') return rows.make(step.id, step.sealsAt, loaded);
  const row = loaded.rows.find(({ id }) => id === step.key.id)!;
  const { now } = loaded;
  switch (step.step) {
    case 'promote':
      return rows.change(row, { state: 'sealing', sealsAt: now });
    case 'retire':
      return rows.change(row, { state: 'retiring', retiresAt: now, dropsAt: step.dropsAt });
    case 'extend':
      return rows.change(row, { dropsAt: step.dropsAt });
    case 'drop':
      return rows.drop(row);
  }
}

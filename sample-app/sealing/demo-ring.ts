import { Injectable } from '@nestjs/common';
import { DemoKey } from './demo-key.js';

/** What can be done to the ring next. */
export type RingStep = 'append' | 'promote' | 'drop';

/** The keys of the demonstration, which all of its visitors share. The first seals, all open. They live as long as the
 *  process. */
@Injectable()
export class DemoRing {
  private held: readonly DemoKey[] = [new DemoKey(1)];

  get keys(): readonly DemoKey[] {
    return this.held;
  }

  /** The values of `crypto.secrets`. */
  get secrets(): Buffer[] {
    return this.held.map(({ secret }) => secret);
  }

  find(hint: string): DemoKey | undefined {
    return this.held.find((key) => key.hint === hint);
  }

  /** The step of a rotation that comes next. */
  get next(): RingStep {
    const [first, second] = this.held;
    if (!second) return 'append';
    return first!.number > second.number ? 'drop' : 'promote';
  }

  /** Does a step if it is the next one. Returns whether it was. */
  take(step: RingStep): boolean {
    if (step !== this.next) return false;
    this.held = STEPS[step](this.held);
    return true;
  }
}

const STEPS: Readonly<Record<RingStep, (keys: readonly DemoKey[]) => readonly DemoKey[]>> = {
  append: (keys) => [...keys, new DemoKey(keys[0]!.number + 1)],
  promote: (keys) => keys.toReversed(),
  drop: (keys) => keys.slice(0, 1),
};

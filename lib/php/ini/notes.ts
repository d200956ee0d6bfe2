import { SessionConfigError } from '../../errors/session-config.error.js';
import type { PhpFinding } from './model.interface.js';

/** Where something was read. */
export interface Place {
  /** `php.ini line 3` or `session.name`. */
  readonly at: string;
  /** Notes are given in this order. */
  readonly order: number;
}

/** What there is to say: faults stop the start, findings do not. Each is said once. */
export class Notes {
  private readonly faults = new Map<string, Note>();
  private readonly found = new Map<string, Note>();

  fault(place: Place, message: string): void {
    this.faults.set(JSON.stringify([place.at, message]), { place, message });
  }

  finding(place: Place, message: string): void {
    this.found.set(JSON.stringify([place.at, message]), { place, message });
  }

  findings(): PhpFinding[] {
    return inOrder(this.found).map(({ place, message }) => ({ at: place.at, message }));
  }

  /** Throws one error with all faults, when there are any. */
  end(): void {
    if (!this.faults.size) return;
    throw new SessionConfigError(
      inOrder(this.faults).map(({ place, message }) => ({ path: place.at, message })),
    );
  }
}

interface Note {
  readonly place: Place;
  readonly message: string;
}

const inOrder = (notes: ReadonlyMap<string, Note>) =>
  [...notes.values()].toSorted((a, b) => a.place.order - b.place.order);

/** A text in quotes and not too long to read. */
export function say(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 57))}…`;
}

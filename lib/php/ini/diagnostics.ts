import { SessionConfigError } from '../../errors/session-config.error.js';
import type { PhpFinding } from './php-ini.interface.js';

/** The place in the source that a fault or finding is about. */
export interface Place {
  /** `php.ini line 3`, or the name of the setting where the source is the result of `ini_get_all`. */
  readonly at: string;
  /** Faults and findings are listed in this order: the line number, or the position of the key. */
  readonly order: number;
}

/** Collects faults, which stop the start, and findings, which do not. Keeps one of those that are equal. Each message
 *  begins with the setting, then says what was found, what is allowed and what to write. */
export class Diagnostics {
  private readonly faults = new Map<string, Diagnostic>();
  private readonly findings = new Map<string, Diagnostic>();

  addFault(place: Place, message: string): void {
    this.faults.set(JSON.stringify([place.at, message]), { place, message });
  }

  /** True if there is a fault at the place already. */
  hasFaultAt({ at }: Place): boolean {
    return [...this.faults.values()].some(({ place }) => place.at === at);
  }

  addFinding(place: Place, message: string): void {
    this.findings.set(JSON.stringify([place.at, message]), { place, message });
  }

  /** Returns the findings in the order of their places. */
  sortedFindings(): PhpFinding[] {
    return inOrder(this.findings).map(({ place: { at }, message }) => ({
      at,
      message: messageAt(at, message),
    }));
  }

  /** Throws one SessionConfigError with all faults, if there are any. */
  throwFaults(): void {
    if (!this.faults.size) return;
    throw new SessionConfigError(
      inOrder(this.faults).map(({ place: { at }, message }) => ({
        path: at,
        message: messageAt(at, message),
      })),
    );
  }
}

interface Diagnostic {
  readonly place: Place;
  readonly message: string;
}

const inOrder = (diagnostics: ReadonlyMap<string, Diagnostic>) =>
  [...diagnostics.values()].toSorted((a, b) => a.place.order - b.place.order);

/** Returns the message without the setting's name at its beginning if `at` is this name, because both are printed as
 *  `at: message`. */
export function messageAt(at: string, message: string): string {
  const name = [at, quote(at)].find((one) => message.startsWith(`${one} `));
  return name === undefined ? message : message.slice(name.length + 1);
}

/** Returns a text in quotes, cut after 57 characters if it is longer than 60. */
export function quote(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 57))}…`;
}

import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from './metric-names.js';

/** Keeps one object for each name and outcome, so that a measurement makes none. Codes of errors come from databases and
 *  drivers. There are few, but nobody promises it: from the 200th on, they have one name. */
export class Measured<T> {
  private readonly known = new Map<string, T>();
  private readonly failed = new Map<string, T>();

  constructor(private readonly make: (name: string, outcome: Attributes) => T) {}

  of(name: string, outcome: string | undefined): T {
    if (outcome !== undefined) return this.ofFailed(name, outcome);
    let found = this.known.get(name);
    if (found === undefined) this.known.set(name, (found = this.make(name, {})));
    return found;
  }

  private ofFailed(name: string, outcome: string): T {
    const key = `${name}\0${outcome}`;
    const found = this.failed.get(key);
    if (found !== undefined) return found;
    if (this.failed.size >= MAX_SETS && outcome !== OTHER) return this.ofFailed(name, OTHER);
    const made = this.make(name, { [ATTRIBUTES.error]: outcome });
    this.failed.set(key, made);
    return made;
  }
}

const MAX_SETS = 200;
/** What the semantic conventions call an error that has no name of its own. */
const OTHER = '_OTHER';

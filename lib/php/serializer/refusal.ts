/** The reason why bytes are not a session. `uncertain-reference` means a reference to a value after an object that its class
 *  serializes itself (`C:`): only the code of that class knows how many values the object counts for. */
export type PhpRefusal =
  'too-large' | 'too-deep' | 'too-many-values' | 'malformed' | 'not-an-array' | 'uncertain-reference';

/** Thrown by readers, so that they need not test each result. {@link refusalOf} makes a result of it. */
class Refused extends Error {
  constructor(readonly reason: PhpRefusal) {
    super(reason);
  }
}

/** Returns the result of `read`, or the reason with which it called {@link refuse}. */
export function refusalOf<T>(read: () => T): T | PhpRefusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
}

/** Stops reading. To be called only inside {@link refusalOf}. */
export function refuse(reason: PhpRefusal): never {
  throw new Refused(reason);
}

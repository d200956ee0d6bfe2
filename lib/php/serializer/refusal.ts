/** Why bytes are no session. `uncertain-reference`: a reference to what follows an object in a form of its own, which
 *  only the code of its class could number. */
export type PhpRefusal =
  'too-large' | 'too-deep' | 'too-many-values' | 'malformed' | 'not-an-array' | 'uncertain-reference';

/** Thrown inside, so that readers need no result to test; {@link refusalOf} turns it into a result. */
class Refused extends Error {
  constructor(readonly reason: PhpRefusal) {
    super(reason);
  }
}

/** What `read` returns, or why it refused the bytes. */
export function refusalOf<T>(read: () => T): T | PhpRefusal {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
}

export function refuse(reason: PhpRefusal): never {
  throw new Refused(reason);
}

import { toDate } from '../../record/session-lifetime.js';
import { decodeEpoch, encodeEpoch } from './mark-content.js';
import { markKey, type MarkRows } from './mark-rows.js';

/** Everything that {@link ForeignRevocations} works with. */
export interface ForeignRevocationsParts {
  readonly marks: MarkRows;
  /** Seconds since 1970 until which a foreign session may still come in: so long a mark is needed. */
  readonly migrationEnd: number;
  now(): number;
}

const ALL = markKey('foreign-all');
const subjectKey = (subject: string) => markKey('foreign-subject', subject);

/** Remembers in a server store which foreign sessions count no more. A session that no request has brought yet has no row there
 *  that a revocation could end. */
export class ForeignRevocations {
  constructor(private readonly parts: ForeignRevocationsParts) {}

  /** Ends all foreign sessions of a subject that began until now. */
  endSubject(subject: string): Promise<void> {
    return this.endUntilNow(subjectKey(subject));
  }

  /** Ends all foreign sessions of everybody that began until now. */
  endAll(): Promise<void> {
    return this.endUntilNow(ALL);
  }

  /** True if a session of the subject that began in this epoch has ended. It asks the store. */
  async hasEnded(subject: string | undefined, epoch: number): Promise<boolean> {
    const keys = subject === undefined ? [ALL] : [ALL, subjectKey(subject)];
    const marks = await Promise.all(keys.map((key) => this.parts.marks.read(key)));
    return marks.some((mark) => epoch < (decodeEpoch(mark)?.epoch ?? 0));
  }

  private async endUntilNow(key: Buffer): Promise<void> {
    const { marks, migrationEnd, now } = this.parts;
    const epoch = now();
    if (epoch >= migrationEnd) return;
    const mark = encodeEpoch({ epoch, kept: undefined, keptFrom: 0, longestLife: undefined });
    await marks.change(
      key,
      (present) => (epoch > (decodeEpoch(present)?.epoch ?? 0) ? mark : undefined),
      toDate(migrationEnd),
    );
  }
}

import type { TellOperator } from '../../errors/log-lines.js';

/** Tells the operator why the store ignores session files that exist. Gives each reason once in the life of a store,
 *  because any visitor can ask for such files again and again. No warning contains an id or the content of a file. */
export class IgnoredFileWarnings {
  private warnedOfOwner = false;
  private warnedOfSerializer = false;

  /** Warns of a file of another user. `ownerOf` returns the user whose file has the name of an absent session; it is not
   *  called after the first warning. */
  async warnOfOwner(ownerOf: () => Promise<number | undefined>, tell: TellOperator): Promise<void> {
    if (this.warnedOfOwner) return;
    const uid = await ownerOf();
    if (uid === undefined || this.warnedOfOwner) return;
    this.warnedOfOwner = true;
    tell(
      `A session file belongs to another user (uid ${uid}, this process is uid ${process.geteuid!()}), so it is ignored: run PHP and this application as one user`,
      'phpFileOwner',
      { uid },
    );
  }

  /** Warns of a file that the configured serializer cannot read. */
  warnOfSerializer(serializer: string, tell: TellOperator): void {
    if (this.warnedOfSerializer) return;
    this.warnedOfSerializer = true;
    tell(
      `A session file was not written by the serializer "${serializer}", so it is ignored: set sharedUnsealed.serializer to the session.serialize_handler of PHP`,
      'phpFileSerializer',
      { serializer },
    );
  }
}

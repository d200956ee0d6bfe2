type Warn = (message: string) => void;

/** Tells the operator why sessions of PHP are not found though their files are there: each reason once in the life of a
 *  store, since any visitor can ask for such files as often as they like. Says no id and nothing of what a file holds. */
export class PassedOver {
  private saidOwner = false;
  private saidForm = false;

  /** `ownerOf`: the user whose file stands where ours was looked for; not asked again once it was said. */
  async byOwner(ownerOf: () => Promise<number | undefined>, warn: Warn): Promise<void> {
    if (this.saidOwner) return;
    const uid = await ownerOf();
    if (uid === undefined || this.saidOwner) return;
    this.saidOwner = true;
    warn(
      `A session file belongs to another user (uid ${uid}, this process is uid ${process.geteuid!()}): PHP and this application have to run as one user`,
    );
  }

  byForm(serializer: string, warn: Warn): void {
    if (this.saidForm) return;
    this.saidForm = true;
    warn(
      `A session file is not in the form of serializer "${serializer}": set sharedUnsealed.serializer to session.serialize_handler`,
    );
  }
}

import { randomBytes } from 'node:crypto';
import { access, rename } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../errors/session-store.error.js';
import { linkFile, removeFile, unlessCode } from '../private/private-file.js';
import { ID_LENGTH, type FileRow } from './file-row.js';
import type { RowFolder } from './row-folder.js';

/** A row to be written. It gets its id when it is written. */
export type Draft = Omit<FileRow, 'id'>;

/** Milliseconds that a writer waits for a rival whose claim does not come to an end. A rival that is cut off begins again,
 *  so this affects speed and never correctness. */
const PATIENCE = 50;
/** Milliseconds between two looks at a rival. */
const POLL = 3;
const MAX_ATTEMPTS = 200;

/** Compare and swap for files. It is correct among any number of processes of one machine and at every crash, and it has no
 *  lock that somebody would have to release. It relies on three operations that the file system does in one step:
 *
 *      link(2)     gives a file a name, unless the name is taken
 *      rename(2)   replaces a file by another one, unless the other one's name is gone
 *      unlink(2)   removes a name
 *
 *  A writer replaces the row `b` by the row `n` as follows:
 *
 *    1. It writes the proposal  KEY.n.new  and waits for the disk.
 *    2. It links the proposal to  KEY.b.next . This is the claim. Of all writers that want to replace `b`, one gets it.
 *    3. It reads KEY. If that is no longer `b`, the claim is on a row that never comes back: it removes the claim and
 *       begins again.
 *    4. It renames KEY.n.new to KEY. Readers open KEY only, so they see `b` before this step and `n` after it.
 *    5. It removes KEY.b.next.
 *
 *  A writer that finds the claim of a rival `m` waits for step 4 of `m`. If that does not come, because `m` was killed or
 *  sleeps, the writer removes KEY.m.new, which makes step 4 of `m` impossible for ever. It then reads KEY once more: if it
 *  is still `b`, step 4 of `m` did not come before. Then it claims KEY.m.next, the right to replace `b` in the place of
 *  `m`. A claim is never removed while its row is in place, and ids never come back. So of all writers with a claim, only
 *  one can still rename.
 *
 *  A crash after step 1 leaves a proposal. After step 2 it also leaves a claim, which the next writer passes as above.
 *  After step 4 it leaves a claim on a row that is gone. Prune removes all three. None of them is ever read as a session. */
export class RowSwap {
  constructor(private readonly folder: RowFolder) {}

  /** Writes a row whose key has no file yet. Returns `false` if there is one. */
  async create(draft: Draft): Promise<boolean> {
    const row = withId(draft);
    const proposal = await this.folder.propose(row);
    try {
      const path = this.folder.rowPath(row.key);
      const created = (await linkFile(proposal, path)) || (await this.idAt(path, row.key)) === row.id;
      if (!created) return false;
    } finally {
      await removeFile(proposal);
    }
    await this.folder.sync(row.key);
    return true;
  }

  /** Calls `decide` with the current row, again each time that a rival was faster. Writes the draft that it returns, or
   *  returns its word. `durable` waits until the disk has the new name; without it, a crash can bring the old row back.
   *  Rejects with the code `EBUSY` after {@link MAX_ATTEMPTS}. */
  async swap<W extends string>(
    key: Buffer,
    decide: (current: FileRow | undefined) => Draft | W,
    durable = true,
  ): Promise<'saved' | W> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const current = await this.current(key);
      const draft = decide(current);
      if (typeof draft === 'string') return draft;
      if (!current || !(await this.replace(current, withId(draft)))) continue;
      if (durable) await this.folder.sync(key);
      return 'saved';
    }
    throw Object.assign(new Error(), { code: 'EBUSY' });
  }

  /** Steps 1 to 5. Returns `false` if a rival was faster. */
  private async replace(current: FileRow, row: FileRow): Promise<boolean> {
    const proposal = await this.folder.propose(row);
    let done = false;
    try {
      const claims = await this.claim(current, row.id, proposal);
      if (!claims) return false;
      done = await this.commit(proposal, row);
      if (done) for (const claim of claims) await removeFile(claim).catch(() => false); // prune removes it otherwise
      return done;
    } finally {
      if (!done) await removeFile(proposal);
    }
  }

  /** Steps 2 and 3. Returns the claims from the current row to that of this writer, or `undefined` if the row or the proposal is
   *  gone. */
  private async claim(
    { key, id: current }: FileRow,
    own: string,
    proposal: string,
  ): Promise<string[] | undefined> {
    const claims: string[] = [];
    for (let tip = current; tip !== own;) {
      const claim = this.folder.claimPath(key, tip);
      claims.push(claim);
      const linked = await linkFile(proposal, claim).catch(isCutOff);
      if (linked === 'cut off') return undefined;
      const holder = linked ? own : await this.idAt(claim, key);
      if (!holder || (holder !== own && !(await this.outlast(key, current, holder)))) return undefined;
      tip = holder;
    }
    const row = await this.folder.read(key);
    if (typeof row !== 'string' && row.id === current) return claims;
    if (row !== 'refused' && row !== 'garbage') await removeFile(claims.at(-1)!); // such a file may still be this row
    return undefined;
  }

  /** Waits for a rival and cuts it off after {@link PATIENCE}. Returns `true` if the rival can never come to step 4, and
   *  `false` if the row is no longer in place. */
  private async outlast(key: Buffer, current: string, rival: string): Promise<boolean> {
    const proposal = this.folder.proposalPath(key, rival);
    for (const until = performance.now() + PATIENCE; ;) {
      const cutOff = !(await unlessCode('ENOENT', access(proposal)));
      // Read after the look at the proposal: that may have gone because the rival renamed it.
      if (!(await this.isInPlace(key, current))) return false;
      if (cutOff) return true;
      if (performance.now() < until) await wait(POLL);
      else await removeFile(proposal);
    }
  }

  /** Step 4. Looks again after a rename that failed, because the result can get lost if the disk is far away. */
  private async commit(proposal: string, { key, id }: FileRow): Promise<boolean> {
    const renamed = await unlessCode('ENOENT', rename(proposal, this.folder.rowPath(key)));
    return renamed || this.isInPlace(key, id);
  }

  private async isInPlace(key: Buffer, id: string): Promise<boolean> {
    return (await this.current(key))?.id === id;
  }

  private async current(key: Buffer): Promise<FileRow | undefined> {
    const row = await this.folder.read(key);
    return typeof row === 'string' ? undefined : row;
  }

  private async idAt(path: string, key: Buffer): Promise<string | undefined> {
    const row = await this.folder.readAt(path, key);
    return typeof row === 'string' ? undefined : row.id;
  }
}

const withId = (draft: Draft): FileRow => ({ ...draft, id: randomBytes(ID_LENGTH).toString('hex') });

/** Handles a proposal that a rival has removed. */
function isCutOff(error: unknown): 'cut off' {
  if (codeOf(error) === 'ENOENT') return 'cut off';
  throw error;
}

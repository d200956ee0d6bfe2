import { randomBytes } from 'node:crypto';
import { access, rename } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../errors/session-store.error.js';
import { ID_LENGTH, type FileRow } from './file-row.js';
import { linkFile, removeFile, unlessCode } from './private-file.js';
import type { RowFolder } from './row-folder.js';

/** A row to be written, before it has an id. */
export type Draft = Omit<FileRow, 'id'>;

/** How long a claim is respected that does not come to an end. Whoever is cut off begins anew, so that this is a matter
 *  of speed, never of right and wrong. */
const PATIENCE = 50;
const POLL = 3;
const MAX_ATTEMPTS = 200;

/** Compare and swap for files, right among any number of processes of one machine and at every crash, without a lock
 *  that somebody would have to release. What it rests on is that each of these is one step of the file system:
 *
 *      link(2)     gives a name, unless it is taken
 *      rename(2)   puts a file in another's place, unless its old name has gone
 *      unlink(2)   takes a name away
 *
 *  To put the row `n` in place of the row `b`:
 *
 *    1. write the proposal  KEY.n.new  and wait for the disk
 *    2. link it to          KEY.b.next   the claim. Of all who want to follow upon `b` one gets it
 *    3. read KEY: is it still `b`? If not, the claim is on a row that never comes back: take it away, begin anew
 *    4. rename KEY.n.new to KEY          done: readers, who open KEY only, see `b` before and `n` after
 *    5. take away KEY.b.next
 *
 *  Who finds the claim of a rival `m` waits for step 4. When that does not come (`m` was killed, or sleeps), it takes
 *  away KEY.m.new, which makes step 4 of `m` impossible for ever, reads once more that KEY is still `b`, so that `m` did
 *  not come to its end before that, and then claims KEY.m.next: who may follow upon `b` since `m` cannot. A claim is
 *  never taken away while its row is in place, and ids never come back, so of all who claimed only one can still rename.
 *
 *  A crash after 1 leaves a proposal, after 2 also a claim that the next writer passes over, after 4 a claim on a row
 *  that has gone; prune clears all three away. None of them is ever read as a session. */
export class RowSwap {
  constructor(private readonly folder: RowFolder) {}

  /** Puts a row where none is; `false` when there is a file of that key. */
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

  /** Asks what shall follow upon the row that is in place, as often as another was faster: a draft is put in its place,
   *  a word is the answer. `durable`: wait until the disk has the new name; the old or the new row it has anyway. */
  async swap<W extends string>(
    key: Buffer,
    decide: (held: FileRow | undefined) => Draft | W,
    durable = true,
  ): Promise<'saved' | W> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const held = await this.held(key);
      const draft = decide(held);
      if (typeof draft === 'string') return draft;
      if (!held || !(await this.follow(held, withId(draft)))) continue;
      if (durable) await this.folder.sync(key);
      return 'saved';
    }
    throw Object.assign(new Error(), { code: 'EBUSY' });
  }

  private async follow(held: FileRow, row: FileRow): Promise<boolean> {
    const proposal = await this.folder.propose(row);
    let done = false;
    try {
      const claims = await this.claim(held, row.id, proposal);
      if (!claims) return false;
      done = await this.commit(proposal, row);
      if (done) for (const claim of claims) await removeFile(claim).catch(() => false); // it is done without, too
      return done;
    } finally {
      if (!done) await removeFile(proposal);
    }
  }

  /** The claims from `held` to ours, or `undefined` when the row or the proposal has gone meanwhile. */
  private async claim(
    { key, id: held }: FileRow,
    own: string,
    proposal: string,
  ): Promise<string[] | undefined> {
    const claims: string[] = [];
    for (let tip = held; tip !== own;) {
      const claim = this.folder.claimPath(key, tip);
      claims.push(claim);
      const linked = await linkFile(proposal, claim).catch(isCutOff);
      if (linked === 'cut off') return undefined;
      const holder = linked ? own : await this.idAt(claim, key);
      if (!holder || (holder !== own && !(await this.outlast(key, held, holder)))) return undefined;
      tip = holder;
    }
    const row = await this.folder.read(key);
    if (typeof row !== 'string' && row.id === held) return claims;
    if (row !== 'refused' && row !== 'garbage') await removeFile(claims.at(-1)!); // there, `held` may still be it
    return undefined;
  }

  /** `true` once a rival has not come to its end and never will; `false` when the row is not in place any more. */
  private async outlast(key: Buffer, held: string, rival: string): Promise<boolean> {
    const proposal = this.folder.proposalPath(key, rival);
    for (const until = performance.now() + PATIENCE; ;) {
      const cutOff = !(await unlessCode('ENOENT', access(proposal)));
      if (!(await this.isInPlace(key, held))) return false; // read after that: the rival's proposal went by its rename
      if (cutOff) return true;
      if (performance.now() < until) await wait(POLL);
      else await removeFile(proposal);
    }
  }

  /** The answer to a rename may get lost where the disk is far away, hence the second look. */
  private async commit(proposal: string, { key, id }: FileRow): Promise<boolean> {
    const renamed = await unlessCode('ENOENT', rename(proposal, this.folder.rowPath(key)));
    return renamed || this.isInPlace(key, id);
  }

  private async isInPlace(key: Buffer, id: string): Promise<boolean> {
    return (await this.held(key))?.id === id;
  }

  private async held(key: Buffer): Promise<FileRow | undefined> {
    const row = await this.folder.read(key);
    return typeof row === 'string' ? undefined : row;
  }

  private async idAt(path: string, key: Buffer): Promise<string | undefined> {
    const row = await this.folder.readAt(path, key);
    return typeof row === 'string' ? undefined : row.id;
  }
}

const withId = (draft: Draft): FileRow => ({ ...draft, id: randomBytes(ID_LENGTH).toString('hex') });

/** Somebody has taken our proposal away. */
function isCutOff(error: unknown): 'cut off' {
  if (codeOf(error) === 'ENOENT') return 'cut off';
  throw error;
}

import { SessionStoreError } from '../../errors/session-store.error.js';
import type {
  FoundRow,
  LoadedRow,
  ReplaceResult,
  SessionRow,
  Tombstone,
} from '../session-store.interface.js';
import type { Argument } from './client.interface.js';
import { factsOf, foundRow, loadedRow, momentOf, nameOf, newFields, type RowFacts } from './row-fields.js';
import type { Reply, ScriptRunner } from './script-runner.js';
import type { SubjectIndex } from './subject-index.js';

/** The lock of a row that nobody has locked. */
const NO_LOCK = '';

/** Reads and writes rows, one script on one key for each step. */
export class RedisRows {
  constructor(
    private readonly runner: ScriptRunner,
    private readonly index: SubjectIndex,
    private readonly prefix: string,
  ) {}

  /** Loads a row. A row that is hidden counts when the old row leads to it. */
  load(key: Buffer, end = this.runner.end()): Promise<LoadedRow | undefined> {
    const name = nameOf(key);
    return this.runner.run('load', this.keyOf(name), [], end).then((reply) => {
      const hidden = reply.rest[2];
      if (!hidden) return loadedRow(key, reply);
      return this.isMoved(hidden.toString(), name, end).then((isMoved) =>
        isMoved ? loadedRow(key, reply) : undefined,
      );
    });
  }

  /** Creates a row. One that is hidden behind an old row may replace itself, since a move is repeated if its answer is lost. */
  async create(row: SessionRow, hidden = '', base = 0, end = this.runner.end()): Promise<void> {
    const name = nameOf(row.key);
    const { subject } = row;
    const deadline = row.deadline.getTime();
    const indexed = subject === undefined ? 0 : await this.index.enter(subject, name, deadline, end);
    const args = [momentOf(row.deadline), hidden, `${base}`, ...newFields(row, indexed)];
    const { status } = await this.runner.run('create', this.keyOf(name), args, end);
    if (status !== 'saved') throw new SessionStoreError('create', 'duplicate');
  }

  /** Saves a row at its version, and raises the version. */
  replace(row: SessionRow, version: number, lock = NO_LOCK, end = this.runner.end()): Promise<ReplaceResult> {
    return this.save(row, version, 1, lock, end) as Promise<ReplaceResult>;
  }

  /** Saves a row under its version. Resolves to `locked` where somebody changes it alone. */
  touch(row: SessionRow, version: number, end: number): Promise<ReplaceResult | 'locked'> {
    return this.save(row, version, 0, NO_LOCK, end) as Promise<ReplaceResult | 'locked'>;
  }

  /** Saves a row at its version, and adds `step` to the version. The index gets its entry first, where it has none that stays
   *  as long as the row. */
  private save(
    row: SessionRow,
    version: number,
    step: 0 | 1,
    lock: string,
    end: number,
  ): Promise<Reply['status']> {
    const { key, sealed, subject, lastSeenAt, deadline } = row;
    const name = nameOf(key);
    const ask = (indexed: number) => {
      const guard = [momentOf(deadline), `${version}`, `${step}`, lock, subject ?? '', `${indexed}`];
      return this.runner.run('replace', this.keyOf(name), [...guard, sealed, momentOf(lastSeenAt)], end);
    };
    return ask(0).then(async ({ status }) => {
      if (status !== 'unindexed') return status;
      const indexed = await this.index.enter(subject!, name, deadline.getTime(), end);
      return (await ask(indexed)).status;
    });
  }

  /** Moves a row in three steps. First the new row comes, hidden. Then the old row becomes a tombstone that names it: this step
   *  decides, and the tombstone stays as long as the new row while nobody has shown that. Last, the new row is shown; if that
   *  fails, the next load shows it. Only then may the tombstone go. */
  async move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    { state, sealed, deadline }: Tombstone,
    lock = NO_LOCK,
    end = this.runner.end(),
  ): Promise<ReplaceResult> {
    const [old, next] = [nameOf(oldKey), nameOf(row.key)];
    await this.create(row, old, version, end);
    const stays = row.deadline > deadline ? row.deadline : deadline;
    const args = [momentOf(stays), `${version}`, lock, next, state, sealed, momentOf(deadline)];
    const reply = await this.runner.run('bury', this.keyOf(old), args, end);
    const done = reply.status === 'saved';
    if (done) await this.reveal(old, next, end);
    else await this.settle('discard', next, [old, row.sealed.subarray(-8)], end);
    await this.forget(done ? reply : undefined, old, end);
    return reply.status as ReplaceResult;
  }

  /** Ends a live row: any, or only one of `subject`. */
  async destroy(name: string, deadline: Date, subject = '', end = this.runner.end()): Promise<boolean> {
    const reply = await this.runner.run('destroy', this.keyOf(name), [momentOf(deadline), subject], end);
    return reply.status === 'saved' && (await this.forget(subject ? undefined : reply, name, end), true);
  }

  /** Locks a live row until `end`. Resolves to the row, or to the reason why it is not locked. */
  async lock(key: Buffer, holder: string, end: number): Promise<LoadedRow | 'gone' | 'locked'> {
    const reply = await this.runner.run('lock', this.keyOf(nameOf(key)), [holder], end);
    return reply.status === 'live' ? loadedRow(key, reply)! : (reply.status as 'gone' | 'locked');
  }

  /** Unlocks a row that the holder has locked. A lock ends by itself, so a failure does no harm. */
  unlock(key: Buffer, holder: string, end: number): Promise<unknown> {
    return this.settle('unlock', nameOf(key), [holder], end);
  }

  /** Returns what a list shows of a row, or `undefined` if there is no such live row. */
  async describe(name: string, end = this.runner.end()): Promise<RowFacts | undefined> {
    return this.shown(name, factsOf(await this.runner.run('describe', this.keyOf(name), [], end)), end);
  }

  /** Returns a whole live row, as one script has read it. */
  async find(name: string, end = this.runner.end()): Promise<FoundRow | undefined> {
    const reply = await this.runner.run('find', this.keyOf(name), [], end);
    const facts = await this.shown(name, factsOf(reply), end);
    return facts && foundRow(name, reply, facts);
  }

  /** Returns the facts of a live row whose move is done. */
  private async shown(name: string, facts: RowFacts, end: number): Promise<RowFacts | undefined> {
    if (facts.state !== 'live') return undefined;
    return facts.hidden === undefined || (await this.isMoved(facts.hidden, name, end)) ? facts : undefined;
  }

  /** Reports whether the move of the row `old` to a hidden row is done, and shows that row then. A hidden row lives no longer than the
   *  old row of a move that is done, so where that is gone, the move was not done. */
  private async isMoved(old: string, name: string, end: number): Promise<boolean> {
    const { state, next } = factsOf(await this.runner.run('describe', this.keyOf(old), [], end));
    if (!state || state === 'live' || next !== name) return false;
    await this.reveal(old, name, end);
    return true;
  }

  /** Shows a row. The old row then stays no longer than it should by itself. */
  private async reveal(old: string, name: string, end: number): Promise<void> {
    if (await this.settle('reveal', name, [old], end)) await this.settle('fade', old, [name], end);
  }

  /** Does a step that another one can do as well. Resolves to `undefined` if it has failed. */
  private settle(
    step: 'reveal' | 'fade' | 'discard' | 'unlock',
    name: string,
    args: Argument[],
    end: number,
  ) {
    return this.runner.run(step, this.keyOf(name), args, end).catch(() => undefined);
  }

  /** Removes the entry of a row that is not live any more. */
  private async forget(reply: Reply | undefined, name: string, end: number): Promise<void> {
    const subject = reply?.rest[0]?.toString();
    if (subject !== undefined) await this.index.leave(subject, [name], end);
  }

  private keyOf(name: string): string {
    return `${this.prefix}${name}`;
  }
}

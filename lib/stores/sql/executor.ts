import { createHash } from 'node:crypto';
import { promised, type Done } from '../done.js';
import { codeOf, SessionStoreError } from '../../errors/session-store.error.js';
import type { Connections, Lease, Query, QueryResult } from './connection.interface.js';
import { StoreClock } from '../store-clock.js';
import { inTransaction } from './transaction.js';
import { RESULT_TYPES } from './result-types.js';
import { isDemoted, PrimaryCheck } from './primary-check.js';
import { meaningOf } from './sqlstate.js';
import { isWrite, NOW, TOO_LATE, type Statement, type StatementKind } from './statement.interface.js';
import { askWithin, BUDGET, TimeoutError, within } from '../time-limit.js';

/** The result of one statement. */
export interface ExecuteResult {
  readonly rows: Record<string, unknown>[];
  /** Rows that the statement has changed or returned. */
  readonly affected: number;
  /** True if the answer to an earlier attempt was lost, which may have changed rows too. */
  readonly again?: boolean;
}

export interface ExecutorOptions {
  /** Name and prepare the statements. */
  readonly prepared: boolean;
  /** Milliseconds that whoever waits for a statement waits at most. */
  readonly timeout: number;
  /** Statements may run on a replica. @default false */
  readonly allowReplica?: boolean | undefined;
}

/** Runs a statement of a transaction. */
export type Run<N extends string> = (name: N, values: unknown[]) => Promise<ExecuteResult>;

/** The limits of a store that is used alone, without sessions. */
export const DEFAULT_LIMITS = { timeout: 5000 };

/** SQLSTATEs: the prepared statement does not exist, or a statement of this name exists already. A transaction pooler gives
 *  each transaction another connection, which does not know our names or knows them from another client. The statement did
 *  not run then, so it can run again without a name. */
const NAME_FAULTS = new Set(['26000', '42P05']);

/** Milliseconds for statements of the whole table. */
const LONG_LIMIT = 60_000;

/** Attempts of a statement whose server takes no writes. */
const SERVERS = 3;

/** Milliseconds before the next attempt, in which a proxy may find the new primary. */
const SERVER_PAUSE = 100;

/** Kinds of statements that have {@link LONG_LIMIT}. */
const LONG: readonly StatementKind[] = ['batch', 'survey'];

/** Runs a store's statements, each within a time limit. One attempt has half of the time, so that there is time for another
 *  one on another connection, or to look up what became of a write. */
export class Executor<N extends string = string> {
  readonly clock = new StoreClock();
  /** The names of the statements on a connection. Statements of another table or version have other names there. */
  private readonly names: Readonly<Record<N | 'time', string>>;
  /** Becomes `false` at the first {@link NAME_FAULTS}. */
  private prepared: boolean;
  /** Milliseconds for a statement with all its attempts. */
  readonly budget: number;
  private readonly primary: PrimaryCheck;

  constructor(
    /** Returns the connections of the database; throws if it is not connected. */
    private readonly connections: () => Connections,
    private readonly statements: Readonly<Record<N, Statement>>,
    { prepared, timeout, allowReplica = false }: ExecutorOptions,
  ) {
    this.primary = new PrimaryCheck(allowReplica);
    this.names = namesOf(statements);
    this.prepared = prepared;
    this.budget = BUDGET * timeout;
  }

  /** Runs a statement until `end` (`performance.now()`). Rejects with a SessionStoreError that contains the statement's name
   *  and the driver's code, and never a parameter. */
  run(name: N, values: unknown[] = [], end = this.endOf(name)): Promise<ExecuteResult> {
    const attempt = () => this.attempt(this.statements[name], this.names[name], values, end);
    return attempt().catch((error: unknown) => this.repeat(name, attempt, error, end));
  }

  /** Makes further attempts after the first has failed, as long as one may do some good. */
  private async repeat(
    name: N,
    attempt: () => Promise<ExecuteResult>,
    failure: unknown,
    end: number,
  ): Promise<ExecuteResult> {
    let error = failure;
    let again = false;
    for (let failed = 1; ; failed++) {
      const may = await this.mayRepeat(this.statements[name], codeOf(error), failed, end);
      if (!may || performance.now() >= end) throw storeErrorOf(name, error);
      again ||= meaningOf(codeOf(error)) === 'outage';
      try {
        return { ...(await attempt()), again };
      } catch (next) {
        error = next;
      }
    }
  }

  /** Returns the end of a write that begins now, for whom it is waited until `until`. */
  endBy(until = Infinity): number {
    return Math.min(until, performance.now() + this.budget);
  }

  private endOf(name: N): number {
    return performance.now() + (LONG.includes(this.statements[name].kind) ? LONG_LIMIT : this.budget);
  }

  /** Runs `work` in one transaction on one connection, so that a row that it locks stays locked until its end. Others wait
   *  meanwhile, so the server ends the transaction of a process that stops in its midst. Nothing is repeated. Rejects as
   *  {@link run} does, and with what `work` throws. */
  async transaction<R>(name: string, work: (run: Run<N>) => Promise<R>, latest = Infinity): Promise<R> {
    const until = Math.min(latest, performance.now() + this.budget / 2);
    const failed = (error: unknown) => {
      this.isSpoiled(error);
      throw storeErrorOf(name, error);
    };
    const asked = (done: Done<Lease>) => this.primary.lease(this.connections(), until, done);
    const lease = await promised(asked).catch(failed);
    const ask = (text: string, values: unknown[] = []) => {
      const query = (done: Done<QueryResult>) => lease.query({ text, values, types: RESULT_TYPES }, done);
      return promised<QueryResult>((done) => askWithin(until, query, done)).catch(failed);
    };
    const run: Run<N> = async (statement, values) => {
      const { text, kind } = this.statements[statement];
      const all = kind === 'read' ? values : [...values, this.clock.at(until)];
      const { rows, rowCount } = await ask(text, all);
      return { rows, affected: rowCount ?? 0 };
    };
    const limited = () => within(until, work(run));
    const limits = { idle: Math.ceil(this.budget / 2), moment: this.clock.at(until) };
    return inTransaction(lease, ask, limits, limited).catch((error: unknown) => {
      throw error instanceof TimeoutError ? storeErrorOf(name, error) : error;
    });
  }

  /** Runs a statement once. It makes one promise, since each costs time in a process that uses AsyncLocalStorage. */
  private attempt(
    statement: Statement,
    name: string,
    values: unknown[],
    end: number,
  ): Promise<ExecuteResult> {
    const { text, kind } = statement;
    const isLong = kind === 'scan' || LONG.includes(kind);
    const until = isLong ? end : Math.min(end, performance.now() + this.budget / 2);
    return promised((done) => {
      this.primary.lease(this.connections(), until, (error, lease) => {
        if (!lease) return done(error);
        const query: Query = {
          name: this.prepared ? name : undefined,
          text,
          values: isWrite(statement) ? [...values, this.clock.at(until)] : values,
          types: RESULT_TYPES,
        };
        this.ask(until, lease, query, statement, done);
      });
    });
  }

  /** Asks on a connection, and gives it back. A write that was not answered in time is not cancelled: where it waits for a synchronous
   *  replica, that would show a commit which the replica does not have. */
  private ask(
    until: number,
    lease: Lease,
    query: Query,
    statement: Statement,
    done: Done<ExecuteResult>,
  ): void {
    const sent = performance.now();
    const answered: Done<QueryResult> = (error, result) => {
      if (!error) {
        lease.release();
        return done(undefined, this.resultOf(result!, sent));
      }
      lease.release(this.isSpoiled(error) ? (error as Error) : undefined, !isWrite(statement));
      done(error);
    };
    askWithin(until, (answer) => lease.query(query, answer), answered);
  }

  /** Reports whether a connection must not be used again after an error. If its server takes no writes any more, the others
   *  may lead there too. */
  private isSpoiled(error: unknown): boolean {
    if (!error) return false;
    const code = codeOf(error);
    if (isDemoted(code)) this.primary.forget();
    return isDemoted(code) || meaningOf(code) === 'outage';
  }

  private resultOf({ rows, rowCount }: QueryResult, sent: number): ExecuteResult {
    const now = rows[0]?.['now'];
    if (now !== undefined) this.clock.learn(Number(now), sent, performance.now());
    return { rows, affected: rowCount ?? 0 };
  }

  /** Reports whether a statement that failed may run again: because it has done nothing, or because it does no harm. */
  private async mayRepeat(
    statement: Statement,
    code: string,
    attempt: number,
    end: number,
  ): Promise<boolean> {
    if (NAME_FAULTS.has(code)) {
      this.prepared = false; // others that are under way with a name fail as this one did
      return attempt <= 2;
    }
    if (code === TOO_LATE && isWrite(statement)) return attempt === 1 && this.askTime(end);
    if (isDemoted(code)) return attempt < SERVERS && after(SERVER_PAUSE);
    const meaning = meaningOf(code);
    if (meaning === 'retry') return pause(attempt);
    return meaning === 'outage' && statement.kind !== 'once' && attempt === 1;
  }

  /** A write came too late by the database's clock, and in time by ours: so the clock is read again. */
  private async askTime(end: number): Promise<boolean> {
    const now: Statement = { kind: 'read', text: `SELECT ${NOW}` };
    return this.attempt(now, this.names.time, [], end).then(
      () => true,
      () => false,
    );
  }
}

function namesOf<N extends string>(statements: Readonly<Record<N, Statement>>): Record<N | 'time', string> {
  const hash = createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 8);
  const names = [...Object.keys(statements), 'time'].map((name) => [name, `sc_${hash}_${name}`]);
  return Object.fromEntries(names) as Record<N | 'time', string>;
}

/** Waits a random time of at most 2, 4, 8 … 64 ms: statements that have met each other shall not meet again. */
function pause(attempt: number): Promise<true> {
  const longest = Math.min(64, 2 ** attempt);
  return after(Math.random() * longest);
}

/** Resolves after so many milliseconds. */
const after = (delay: number): Promise<true> =>
  new Promise((resolve) => setTimeout(() => resolve(true), delay));

function storeErrorOf(name: string, error: unknown): Error {
  return codeOf(error) === TOO_LATE
    ? new SessionStoreError(name, 'timeout')
    : SessionStoreError.from(name, error);
}

import type { Done } from '../done.js';
import { askWithin } from '../time-limit.js';
import { codeOf, SessionStoreError } from '../../errors/session-store.error.js';
import type { Connections, Lease, QueryResult } from './connection.interface.js';
import { RESULT_TYPES } from './result-types.js';
import { meaningOf } from './sqlstate.js';

/** 1 on a server that follows another one. PostgreSQL 9.0 and later; a server without the function has no replicas of this kind. */
export const IS_REPLICA = 'SELECT pg_is_in_recovery()::int4 AS "replica"';

/** SQLSTATE: there is no such function. */
const UNDEFINED_FUNCTION = '42883';

/** Asks once at the start, for clients that hide their connections; all others are asked at each connection. Rejects with a
 *  SessionStoreError for a replica. */
export async function refuseReplica(askRole: () => Promise<Pick<QueryResult, 'rows'>>): Promise<void> {
  const { rows } = await askRole().catch((error: unknown) => {
    if (error instanceof SessionStoreError && error.reason === UNDEFINED_FUNCTION) return { rows: [] };
    throw error;
  });
  if (Number(rows[0]?.['replica'])) throw new SessionStoreError('open', 'replica');
}

/** The connection leads to a replica, whose sessions are old and which takes no writes. */
export class ReplicaError extends Error {
  readonly code = 'replica';
}

/** SQLSTATE: the transaction can only read. PostgreSQL's own replicas say so, and so does a primary that was made read-only. */
export const READ_ONLY = '25006';

/** Reports whether a statement has failed because its server takes no writes: another connection may lead to one that does. */
export const isDemoted = (code: string): boolean => code === READ_ONLY || code === 'replica';

/** Milliseconds that others wait for the one that tries. */
const PATIENCE = 500;

/** Lets no statement run on a replica. Each connection is asked once, before its first statement, and again when a server has
 *  refused a write: a proxy or a name may lead to another server than before. */
export class PrimaryCheck {
  private primaries = new WeakSet<object>();
  /** The last answer came from a replica. Only one lease at a time tries then. */
  private atReplica = false;
  /** Those who wait for what the one that tries finds; `undefined` while none tries. */
  private waiting: Done<void>[] | undefined;

  constructor(
    /** Sessions may be read from a replica. */
    private readonly allowReplica: boolean,
  ) {}

  /** Gives a connection that leads to a primary, as far as can be known. Gives a {@link ReplicaError} for a replica, and what
   *  a connection fails with; the connection is destroyed then. */
  lease(connections: Connections, until: number, done: Done<Lease>): void {
    if (!this.atReplica) return this.find(connections, until, done);
    const { waiting } = this;
    if (!waiting) return this.probe(connections, until, done);
    const wait = (answer: Done<void>) => void waiting.push(answer);
    askWithin(Math.min(until, performance.now() + PATIENCE), wait, (fault) => {
      if (fault instanceof ReplicaError) done(fault);
      else this.find(connections, until, done);
    });
  }

  /** Tries for all. If it meets a replica, so would they; otherwise each tries for itself. */
  private probe(connections: Connections, until: number, done: Done<Lease>): void {
    const waiting: Done<void>[] = (this.waiting = []);
    const found: Done<Lease> = (error, lease) => {
      this.waiting = undefined;
      this.atReplica = error instanceof ReplicaError;
      done(error, lease);
      for (const answer of waiting) answer(error);
    };
    try {
      this.find(connections, until, found);
    } catch (error) {
      found(error);
    }
  }

  private find(connections: Connections, until: number, done: Done<Lease>): void {
    connections.lease(until, (error, lease) => {
      if (!lease) return done(error);
      if (this.knows(lease)) return done(undefined, lease);
      this.ask(lease, until, (fault) => {
        if (!fault) return done(undefined, lease);
        lease.release(fault as Error);
        done(fault);
      });
    });
  }

  /** A server has refused a write: every connection is asked again. */
  forget(): void {
    this.primaries = new WeakSet();
  }

  private knows({ connection }: Lease): boolean {
    return this.allowReplica || connection === undefined || this.primaries.has(connection);
  }

  private ask(lease: Lease, until: number, done: Done<void>): void {
    const query = { text: IS_REPLICA, values: [], types: RESULT_TYPES };
    const answered: Done<QueryResult> = (error, result) => {
      if (error && meaningOf(codeOf(error)) !== 'answer') return done(error);
      if (Number(result?.rows[0]?.['replica'])) {
        this.atReplica = true;
        return done(new ReplicaError('the server is a replica'));
      }
      this.primaries.add(lease.connection!);
      done(undefined);
    };
    askWithin(until, (answer) => lease.query(query, answer), answered);
  }
}

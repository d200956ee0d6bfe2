import { EventEmitter } from 'node:events';
import type { RejectReason } from '../errors/envelope.error.js';

/** What happened, without any secret, token, id that can be sent, or value. `session` is the name of the session's
 *  configuration, `id` its {@link Session.id}. */
export interface SessionEventMap {
  /** A cookie that is no session of ours. Nothing was adopted. */
  rejected: { session: string; reason: RejectReason };
  /** More than one cookie of our name opened; none was taken. */
  ambiguous: { session: string; cookies: number };
  created: { session: string; id: string };
  /** A session of another form was led over to ours. `replayable`: nothing remembers that it came, so until then a copy
   *  of its cookie can come again. */
  migrated: { session: string; format: string; until: Date; replayable: boolean };
  regenerated: { session: string; id: string; periodic: boolean };
  ended: { session: string; id: string };
  /** Two requests overwrote the same keys; the later commit won, or was refused. */
  conflict: { session: string; id: string; keys: readonly string[]; refused: boolean };
  /** The session ended while the request ran, or its cookie led to an ended one; the changes were dropped. */
  dropped: { session: string; why: 'gone' | 'ended' };
  /** An id was used after its grace time: somebody kept an old cookie. The successor's holder may be robbed. */
  reused: { session: string; subject: string | undefined };
  /** Changed after the head had left, and `save()` did not follow. */
  lostChange: { session: string };
  /** A touch failed; the request went on. */
  touchFailed: { session: string; code: string };
  /** A response was replaced by an error, since the session could not be stored. */
  commitFailed: { session: string; code: string; message: string };
  storeDown: { session: string; code: string };
  storeUp: { session: string };
  keysReloaded: { session: string; keys: number };
  keysFailed: { session: string; message: string };
}

export type SessionEventName = keyof SessionEventMap;

/** Has every key of {@link SessionEventMap}; see {@link keysOf}. The last three are of `lib/remember-me`. */
const NAMES = {
  rejected: true,
  ambiguous: true,
  created: true,
  migrated: true,
  regenerated: true,
  ended: true,
  conflict: true,
  dropped: true,
  reused: true,
  lostChange: true,
  touchFailed: true,
  commitFailed: true,
  storeDown: true,
  storeUp: true,
  keysReloaded: true,
  keysFailed: true,
  remembered: true,
  rememberTheft: true,
  rememberRejected: true,
} as const;

/** The compiler refuses names that lack an event. It accepts more, since it knows the events of `lib/remember-me` only in
 *  a program that imports them. */
const keysOf = (names: Readonly<Record<SessionEventName, true>>) => Object.keys(names) as SessionEventName[];

/** The names of all events, for a listener that counts or logs everything. The three events of
 *  `nestjs-session-crypto/remember-me` happen only where that module is used. */
export const SESSION_EVENTS: readonly SessionEventName[] = Object.freeze(keysOf(NAMES));

/** Tells who listens what happened to sessions. A listener that throws stops nothing. */
export class SessionEvents {
  private readonly emitter = new EventEmitter();
  private readonly counts = new Map<SessionEventName, number>();

  on<E extends SessionEventName>(event: E, listener: (detail: SessionEventMap[E]) => void): this {
    this.emitter.on(event, listener);
    return this;
  }

  off<E extends SessionEventName>(event: E, listener: (detail: SessionEventMap[E]) => void): this {
    this.emitter.off(event, listener);
    return this;
  }

  /** How often an event has happened since the start, heard or not: a counter for metrics, such as how many sessions of
   *  another form still come in (`migrated`). */
  count(event: SessionEventName): number {
    return this.counts.get(event) ?? 0;
  }

  emit<E extends SessionEventName>(event: E, detail: SessionEventMap[E]): void {
    this.counts.set(event, this.count(event) + 1);
    for (const listener of this.emitter.listeners(event)) {
      const failed = (error: unknown) =>
        process.emitWarning(
          `a listener of the session event "${event}" threw: ${String((error as Error)?.name)}`,
        );
      try {
        const answer: unknown = listener(detail);
        if (answer instanceof Promise) answer.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}

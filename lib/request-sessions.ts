import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { SessionStateError } from './errors/index.js';
import { ResponseGate, type HeadAdditions, type HeadOwner, type PlatformRequest } from './http/index.js';
import type { SessionEngine } from './session-engine.js';
import { SessionSlot, type RouteSessionOptions } from './session-slot.js';

/** Bytes of body that wait for a commit; a producer that heeds back-pressure never comes near. */
const HELD_BYTES = 16 * 2 ** 20;
const NO_ADDITIONS: HeadAdditions = { cookies: [], defaults: {}, vary: undefined };

/** What of a route matters here. */
interface RouteWish {
  readonly name?: string;
  readonly options?: RouteSessionOptions;
}

/** All named sessions of one request. They share one gate, so that the head waits for all of them once. */
export class RequestSessions implements HeadOwner {
  /** The session that decorators and guards of the route mean when they name none. */
  defaultName: string | undefined;
  /** The head has left: only `save()` stores now. */
  headSent = false;
  listen: HeadOwner['listen'];
  private failed = false;
  private readonly slots: SessionSlot[] = [];

  constructor(private readonly request: PlatformRequest) {}

  add(engine: SessionEngine): SessionSlot {
    const slot = new SessionSlot(engine, this.request);
    this.slots.push(slot);
    if (slot.listens) this.listen = this.listenAll;
    return slot;
  }

  has(engine: SessionEngine): boolean {
    return this.slots.some((slot) => slot.root === engine);
  }

  /** The session of a name, or of the route, or the first. */
  slot(name: string | undefined = this.defaultName): SessionSlot {
    for (const slot of this.slots) if (name === undefined || slot.engine.name === name) return slot;
    const known = this.slots.map(({ engine }) => `"${engine.name}"`).join(', ');
    throw new SessionStateError(
      'ERR_SESSION_NO_REQUEST',
      `There is no session "${name}" on this request; there are ${known}`,
    );
  }

  /** Heeds what a route says. Saying it again changes nothing. */
  enter({ name, options }: RouteWish): void {
    if (name !== undefined) this.defaultName = name;
    if (options) this.slot().route = options;
  }

  all(): readonly SessionSlot[] {
    return this.slots;
  }

  gate(response: ServerResponse, timeout: number): void {
    ResponseGate.install(response, this, { timeout, held: HELD_BYTES });
  }

  /** Stores all that is due, until it fails once: the answer that tells of it must not try again, and store after all. */
  commit(): void | Promise<void> {
    if (this.failed) return;
    try {
      return this.commitAll()?.catch((error: unknown) => this.giveUp(error));
    } catch (error) {
      this.giveUp(error);
    }
  }

  additions(): HeadAdditions {
    let first: SessionSlot | undefined;
    const cookies: string[] = [];
    for (const slot of this.slots) {
      if (!slot.used) continue;
      first ??= slot;
      for (const line of [slot.setCookie(), slot.clearOrigin()]) if (line !== undefined) cookies.push(line);
    }
    return first ? { cookies, defaults: first.cacheHeaders(), vary: 'Cookie' } : NO_ADDITIONS;
  }

  private readonly listenAll = (response: ServerResponse, args: unknown[]): unknown[] =>
    this.slots.reduce((left, slot) => slot.listen(response, left), args);

  private commitAll(): void | Promise<void> {
    let waiting: Promise<unknown>[] | undefined;
    for (const slot of this.slots) {
      if (!slot.used) continue;
      try {
        const stored = slot.commit();
        if (stored instanceof Promise) (waiting ??= []).push(stored);
      } catch (error) {
        if (!waiting) throw error;
        waiting.push(Promise.reject(error as Error)); // what is under way must not be left without a listener
      }
    }
    if (!waiting) return;
    return Promise.all(waiting).then(() =>
      this.slots.some((slot) => slot.pending) ? this.commitAll() : undefined,
    );
  }

  private giveUp(error: unknown): never {
    this.failed = true;
    throw error;
  }

  left(error?: unknown): void {
    this.headSent = true;
    for (const slot of this.slots) slot.headLeft();
    if (error) this.slots[0]?.engine.failed(error);
  }

  /** Shows nothing: a request may end up in a log. */
  [inspect.custom](): string {
    return 'RequestSessions {}';
  }
}

/** The sessions of the request that this code runs for. */
export const currentSessions = new AsyncLocalStorage<RequestSessions>();

/** They stand on the object itself: a WeakMap entry for each request costs several microseconds of garbage collection. */
const SESSIONS = Symbol('sessions');
type Carrier = { [SESSIONS]?: RequestSessions; readonly raw?: Carrier };

/** The sessions of a request or of a client that a request was attached to; raw, or as a platform wraps it. */
export function sessionsOf(request: object | undefined): RequestSessions | undefined {
  if (!request) return undefined;
  const carrier = request as Carrier;
  return (carrier.raw ?? carrier)[SESSIONS] ?? carrier[SESSIONS];
}

export function keepSessions(key: object, sessions: RequestSessions): void {
  (key as Carrier)[SESSIONS] = sessions;
}

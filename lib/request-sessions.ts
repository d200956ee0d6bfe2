import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
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
  private failed = false;
  private readonly slots: SessionSlot[] = [];

  constructor(private readonly request: PlatformRequest) {}

  add(engine: SessionEngine): void {
    this.slots.push(new SessionSlot(engine, this.request));
  }

  has(engine: SessionEngine): boolean {
    return this.slots.some((slot) => slot.engine === engine);
  }

  /** The session of a name, or of the route, or the first. */
  slot(name: string | undefined = this.defaultName): SessionSlot {
    const slot = name === undefined ? this.slots[0] : this.slots.find(({ engine }) => engine.name === name);
    if (slot) return slot;
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
    const used = this.slots.filter((slot) => slot.used);
    if (!used.length) return NO_ADDITIONS;
    return {
      cookies: used.flatMap((slot) => slot.setCookie() ?? []),
      defaults: used[0]!.cacheHeaders(),
      vary: 'Cookie',
    };
  }

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
}

/** The sessions of the request that this code runs for. */
export const currentSessions = new AsyncLocalStorage<RequestSessions>();

const byRequest = new WeakMap<object, RequestSessions>();

/** The sessions of a request or of a client that a request was attached to; raw, or as a platform wraps it. */
export function sessionsOf(request: object | undefined): RequestSessions | undefined {
  if (!request) return undefined;
  return byRequest.get((request as { raw?: object }).raw ?? request) ?? byRequest.get(request);
}

export function keepSessions(key: object, sessions: RequestSessions): void {
  byRequest.set(key, sessions);
}

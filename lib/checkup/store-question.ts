import { randomBytes } from 'node:crypto';
import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import type { ProfileStore } from '../manager/profile-store.js';
import { TimeoutError } from '../stores/time-limit.js';
import { JoinedQuestion } from './joined-question.js';
import type { StoreFacts } from './session-health.interface.js';

/** What a store said, before anybody has judged it. */
export type StoreAnswer = Pick<StoreFacts, 'access' | 'latency' | 'code'>;

/** A store and what it said. */
export interface AskedStore {
  readonly store: ProfileStore;
  readonly answer: StoreAnswer;
  /** True if `session.onStoreDown` is `anonymous` in all profiles that use it. */
  readonly isAnonymous: boolean;
}

export const UNASKED: StoreAnswer = { access: 'unasked', latency: undefined, code: undefined };

/** Asks one store of sessions or revocations, within a limit of its own. */
export class StoreQuestion {
  private readonly question = new JoinedQuestion(() => answerOf(this.store));

  constructor(readonly store: ProfileStore) {}

  /** Never rejects. `limit` is in milliseconds. */
  ask(limit: number): Promise<StoreAnswer> {
    return this.question.answer(limit).catch((error: unknown) => this.late(error));
  }

  /** A report does not wait as long as requests do. Whether the store is down, the operations of `commitTimeout` say. */
  private late(error: unknown): StoreAnswer {
    const answer = refused(error);
    return error instanceof TimeoutError && !this.store.health.isDown
      ? { ...answer, access: 'late' }
      : answer;
  }
}

async function answerOf(store: ProfileStore): Promise<StoreAnswer> {
  const began = performance.now();
  const latency = () => performance.now() - began;
  try {
    const answer = await store.ping();
    if (answer === 'unasked') return UNASKED;
    return { access: answer === 'writes' ? 'writes' : 'reads', latency: latency(), code: undefined };
  } catch (error) {
    const isReadable = await canBeRead(store);
    return isReadable ? { access: 'reads', latency: latency(), code: refused(error).code } : refused(error);
  }
}

/** A store that refuses to be written may still be read. */
async function canBeRead({ rows, revocation }: ProfileStore): Promise<boolean> {
  const readable = rows ?? revocation?.rows;
  if (!readable) return false;
  return readable.load(randomBytes(32)).then(
    () => true,
    () => false,
  );
}

const refused = (error: unknown): StoreAnswer => ({
  access: 'none',
  latency: undefined,
  code: error instanceof SessionStoreError ? error.reason : codeOf(error),
});

import { causeOf } from '../errors/session-store.error.js';
import { keysNow } from '../manager/keys-now.js';
import type { SessionManager } from '../manager/session-manager.js';
import { TimeoutError, within } from '../stores/time-limit.js';
import { JoinedQuestion } from './joined-question.js';

/** What the driver derives for a check, and what is thrown away at once. No epoch begins like this. */
const INFO = Buffer.from('nestjs-session-crypto/health');

/** Milliseconds for which an answer counts: a token is asked seldom. */
const COUNTS_FOR = 10_000;

export interface DriverAnswer {
  /** Milliseconds until the answer; `undefined` if it has failed, or if there was no key to ask with. */
  readonly latency: number | undefined;
  readonly code: string | undefined;
  /** What is wrong. */
  readonly fault: 'slow' | 'fails' | undefined;
}

const UNASKED: DriverAnswer = { latency: undefined, code: undefined, fault: undefined };

/** Asks the driver to derive from the key that seals, which is what it does for every epoch. A token that was removed fails. */
export class DriverQuestion {
  private readonly question = new JoinedQuestion(async () => {
    const answer = await derive(this.manager);
    this.began = undefined; // also where no report waits any more
    return answer;
  });
  /** When the driver was asked first since its last answer. */
  private began: number | undefined;
  private last: { readonly answer: DriverAnswer; readonly at: number } | undefined;

  constructor(private readonly manager: SessionManager) {}

  /** Never rejects. `now` and `limit` are milliseconds. */
  async ask(now: number, limit: number): Promise<DriverAnswer> {
    const { last } = this;
    if (last && last.answer.code === undefined && now - last.at < COUNTS_FOR) return last.answer;
    const waited = now - (this.began ??= now);
    const answer = await this.question.answer(limit).catch((error: unknown) => this.failed(error, waited));
    if (answer.code !== 'timeout') this.began = undefined;
    this.last = { answer, at: now };
    return answer;
  }

  /** A driver that takes longer than a report waits is slow, until it takes longer than a store may. */
  private failed(error: unknown, waited: number): DriverAnswer {
    const { commitTimeout } = this.manager.base.options;
    const isSlow = error instanceof TimeoutError && waited < commitTimeout;
    return { latency: undefined, code: causeOf(error), fault: isSlow ? 'slow' : 'fails' };
  }
}

/** A ring without keys is the fault of the keys, and not of the driver. A driver that does not answer is asked anew, as requests do. */
async function derive({ base, cryptoDriver }: SessionManager): Promise<DriverAnswer> {
  const { native } = base.crypto;
  const key = native && keysNow(native.keys)[0];
  if (!key) return UNASKED;
  const began = performance.now();
  const answer = Promise.resolve(cryptoDriver.expand(key.subkeys.seal, INFO, 32));
  const derived = await within(began + base.options.commitTimeout, answer);
  derived.fill(0);
  return { latency: performance.now() - began, code: undefined, fault: undefined };
}

import type { SessionManager } from '../manager/session-manager.js';
import { CLOCK_SKEW } from '../record/session-lifetime.js';

/** The tokens in the forms of the page. Each is bound to the operator that the page was made for, so it works behind any guard, with a
 *  session or without. All processes with the same keys accept it, for `csrf.lifetime` seconds. */
export class FormTokens {
  constructor(private readonly manager: SessionManager) {}

  make(actor: string): string {
    const { csrf } = this.manager.base;
    return csrf.make(seedOf(actor), this.manager.base.now());
  }

  verify(token: unknown, actor: string): boolean {
    const { csrf, options } = this.manager.base;
    const madeAt = csrf.timeOf(token, seedOf(actor));
    const now = this.manager.base.now();
    return madeAt !== undefined && madeAt <= now + CLOCK_SKEW && now < madeAt + options.csrf.lifetime;
  }
}

/** The seed of a session is a random text of 22 characters, so none is like this. */
const seedOf = (actor: string): string => `nestjs-session-crypto/dashboard\0${actor}`;

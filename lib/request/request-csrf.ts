import type { CsrfTokens } from '../envelope/csrf-token.js';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { CLOCK_SKEW } from '../record/session-lifetime.js';
import type { SessionState } from '../session/session-state.js';

const SEED_LENGTH = 16;

/** The CSRF tokens of one session in one request. They are bound to a seed that the session keeps, and count for a time. */
export class RequestCsrf {
  constructor(
    private readonly tokens: CsrfTokens,
    /** Seconds for which a token is accepted. */
    private readonly lifetime: number,
    private readonly onServer: boolean,
    private readonly load: () => Promise<SessionState>,
  ) {}

  /** Makes a token; makes the seed first if the session has none. */
  async make(): Promise<string> {
    const state = await this.load();
    if (state.current.csrfSeed === undefined) await this.makeSeed(state);
    return this.tokens.make(state.current.csrfSeed!, state.now());
  }

  /** Reports whether a token was made for this session within the last {@link lifetime} seconds. */
  async verify(token: unknown): Promise<boolean> {
    const state = await this.load();
    const { csrfSeed } = state.current;
    const madeAt = csrfSeed === undefined ? undefined : this.tokens.timeOf(token, csrfSeed);
    return madeAt !== undefined && isFresh(madeAt, state.now(), this.lifetime);
  }

  /** Sessions on the server save the seed at once, so that parallel requests share one. The seed survives a `reset()`, since a
   *  page may have a token of it by then. */
  private async makeSeed(state: SessionState): Promise<void> {
    const seed = randomPoolBytes(SEED_LENGTH).toString('base64url');
    state.change({ survivesReset: true, apply: (draft) => void (draft.csrfSeed ??= seed) });
    if (state.loaded && this.onServer) await state.save();
  }
}

/** Another server may have made the token, and its clock may be ahead of ours by {@link CLOCK_SKEW} seconds. */
const isFresh = (madeAt: number, now: number, lifetime: number): boolean =>
  madeAt <= now + CLOCK_SKEW && now < madeAt + lifetime;

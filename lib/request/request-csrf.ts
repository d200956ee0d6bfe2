import type { CsrfTokens } from '../envelope/csrf-token.js';
import { randomPoolBytes } from '../crypto/random-pool.js';
import type { SessionState } from '../session/session-state.js';

const SEED_LENGTH = 16;

/** The CSRF tokens of one session in one request. They are bound to a seed that the session keeps. */
export class RequestCsrf {
  constructor(
    private readonly tokens: CsrfTokens,
    private readonly onServer: boolean,
    private readonly load: () => Promise<SessionState>,
  ) {}

  /** Makes a token; makes the seed first if the session has none. */
  async make(): Promise<string> {
    const state = await this.load();
    if (state.current.csrfSeed === undefined) await this.makeSeed(state);
    return this.tokens.make(state.current.csrfSeed!);
  }

  /** Reports whether a token was made for this session. */
  async verify(token: unknown): Promise<boolean> {
    const { csrfSeed } = (await this.load()).current;
    return csrfSeed !== undefined && this.tokens.verify(token, csrfSeed);
  }

  /** Sessions on the server save the seed at once, so that parallel requests share one. The seed survives a `reset()`, since a
   *  page may have a token of it by then. */
  private async makeSeed(state: SessionState): Promise<void> {
    const seed = randomPoolBytes(SEED_LENGTH).toString('base64url');
    state.change({ survivesReset: true, apply: (draft) => void (draft.csrfSeed ??= seed) });
    if (state.loaded && this.onServer) await state.save();
  }
}

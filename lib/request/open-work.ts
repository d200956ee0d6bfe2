import { decodeBase64url } from '../envelope/base64url.js';
import type { OptionNames } from '../errors/check-names.js';
import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionManager } from '../manager/session-manager.js';
import type { SessionLookup } from '../persistence/session-repository.interface.js';
import { Session } from '../session/session.js';
import { storeRemedy } from '../stores/store-remedy.js';
import { SessionState, type ResponseHead, type SessionParts } from '../session/session-state.js';

/** What work outside of a request may do with its session. */
export interface WorkOptions {
  /** True to refuse changes, so that nothing is stored. @default false */
  readonly readonly?: boolean;
  /** True to move the idle clock as a request does. Without it, work never keeps a session alive whose user has left.
   *  @default false */
  readonly touch?: boolean;
}

export const WORK_OPTIONS: OptionNames<WorkOptions> = { readonly: true, touch: true };

const KEY_LENGTH = 32;

/** The session of some work that no request asks for. */
export class Work {
  readonly session: Session;
  private readonly state: SessionState;
  private isDone = false;

  constructor(endpoint: SessionParts, found: SessionLookup, { readonly, touch }: WorkOptions) {
    this.state = new SessionState(endpoint, found, this.response());
    this.state.grant({
      cookie: 'allowed',
      readonly: readonly ? 'work' : undefined,
      renewal: touch ? 'due' : 'unseen',
    });
    this.session = new Session(this.state);
  }

  /** Resolves to what `work` returns, once its changes are stored. If it throws, those that are not stored yet are dropped:
   *  whoever repeats the work makes them again. */
  async run<R>(work: () => R | Promise<R>): Promise<R> {
    try {
      const result = await work();
      await this.state.save();
      return result;
    } catch (error) {
      this.state.reset();
      throw error;
    } finally {
      this.isDone = true;
    }
  }

  /** What the session takes for its response: there is none, and what comes after the work is late. */
  private response(): ResponseHead {
    const isDone = () => this.isDone;
    return {
      absent: true,
      get headSent() {
        return isDone();
      },
    };
  }
}

/** Opens the session that is stored under a public id. Rejects with a SessionStateError if there is none. */
export async function openWork(manager: SessionManager, id: string, options: WorkOptions): Promise<Work> {
  if (typeof id !== 'string') throw new SessionStateError('ERR_SESSION_USAGE', NO_ID);
  const endpoints = manager.profiles.map(({ anyEndpoint }) => anyEndpoint);
  const openable = endpoints.filter(({ repository }) => repository.findByKey);
  if (!openable.length) throw new SessionStateError('ERR_SESSION_UNSUPPORTED', notStored(manager.base.store));
  const key = decodeBase64url(id);
  if (key?.length === KEY_LENGTH)
    for (const endpoint of openable) {
      const found = await endpoint.repository.findByKey!(key);
      if (found.kind === 'live') return new Work(endpoint, found, options);
    }
  throw new SessionStateError('ERR_SESSION_GONE', NOT_FOUND);
}

const NO_ID = 'runWithSession() takes the id of a session, which is a text; pass session.id';
const NOT_FOUND =
  'No live session has this id: it has expired, was ended, or got another id by login() or regenerate(). ' +
  'Pass session.id after await session.save(), so that the session is stored before the work begins';
const notStored = (store: SessionManager['base']['store']) =>
  `The store "${store.kind}" opens no session by its id, so runWithSession() cannot work: ` +
  `${storeRemedy(store, 'way to do so')}, or pass on what the work needs in place of the id`;

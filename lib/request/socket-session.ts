import { Session } from '../session/session.js';
import type { SessionAccess } from '../session/session-access.js';
import type { SessionState } from '../session/session-state.js';
import { NO_SESSION } from './find-session.js';
import { NO_OPTIONS, RequestSession } from './request-session.js';
import { isIdle, UNRESTRICTED, type RouteRestrictions } from './route-restrictions.js';

/** One named session of a socket. All messages share it, and each has a route of its own. Several messages run at once: what the route
 *  of one forbids binds neither the others nor those that come later. So a message whose route forbids changes, or whose idle timeout
 *  has passed, gets a view of what is stored, and the shared session stays as it is. */
export class SocketSession extends RequestSession {
  /** Ends the rules of the message before. */
  endRoute(): void {
    this.options = NO_OPTIONS;
    this.restrictions = UNRESTRICTED;
    this.state?.grant(this.access);
  }

  override load(): Promise<Session> {
    const { restrictions } = this;
    return super.load().then(() => this.sessionUnder(restrictions));
  }

  override async reload(): Promise<Session> {
    const { restrictions } = this;
    await super.reload();
    return this.sessionUnder(restrictions);
  }

  /** A socket outlives an outage, so a load that has failed is forgotten. */
  protected override remember(loading: Promise<Session>): Promise<Session> {
    loading.catch(() => {
      if (this.loading === loading) this.loading = undefined;
    });
    return super.remember(loading);
  }

  protected override applyRestrictions(state: SessionState): void {
    state.grant(this.access);
  }

  protected override get access(): SessionAccess {
    return this.accessUnder({ ...this.restrictions, readonly: false });
  }

  /** Returns the shared session, or a view of it where the route of the message restricts more than its clocks. */
  private sessionUnder(restrictions: RouteRestrictions): Session {
    const state = this.state!;
    const { loaded } = state;
    const now = state.now();
    const hasIdled = loaded !== undefined && isIdle(restrictions, loaded.record, now);
    if (!restrictions.readonly && !hasIdled) return this.session!;
    const view = this.stateOf(loaded ? { kind: 'live', entry: loaded, now } : NO_SESSION);
    view.grant(this.accessUnder(restrictions));
    if (hasIdled) view.hide();
    return new Session(view);
  }
}

import type { PlatformRequest } from '../http/connection.js';
import type { SessionProfile } from '../manager/session-profile.js';

/** What a request asks of the `forRoot` of its session. */
export interface RequestManager {
  /** Request headers that only this package may set, in lower case. */
  readonly backendHeaders: ReadonlySet<string>;
  /** True if a route that names no session can mean this one. */
  readonly isMeantByDefault: boolean;
  /** Chooses the profile of a request by host and path. */
  profileFor(request: PlatformRequest): SessionProfile;
  /** Reports whether the path of a request has sessions under `profile`. */
  covers(profile: SessionProfile, request: PlatformRequest): boolean;
  reportFailedCommit(error: unknown): void;
}

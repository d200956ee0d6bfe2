import { cookiesOf } from '../http/request-headers.js';
import type { PlatformRequest } from '../http/connection.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { EndpointMigrationSource } from '../manager/endpoint-migration-source.interface.js';
import type { SessionState } from '../session/session-state.js';
import { endKept } from './migrate-session.js';

/** Reports whether a program that still runs beside us may keep a session of this endpoint's visitors. */
export const keepsSessions = ({ migrationSources }: CookieEndpoint): boolean =>
  migrationSources.some(({ keep }) => keep);

/** What programs that still run beside us keep of the session of one request. */
export class KeptSessions {
  /** Logouts that have also ended what they keep. */
  private ends = 0;
  private hasEnded = false;

  constructor(
    private readonly endpoint: CookieEndpoint,
    private readonly request: PlatformRequest,
  ) {}

  /** After a logout, or a login of somebody else, ends first what they keep: while that fails, nothing has ended here. Returns
   *  `undefined` if nothing is due. Ends nothing after `until` (`performance.now()`). */
  end(state: SessionState, until: number | undefined): Promise<void> | undefined {
    const { endCount } = state;
    const left = state.loaded?.record.subject;
    const isLeft = left !== undefined && left !== state.current.subject;
    if (endCount <= this.ends && !isLeft) return undefined;
    return endKept(this.endpoint, cookiesOf(this.request) ?? '', until).then(() => {
      this.ends = endCount;
      this.hasEnded = true;
    });
  }

  /** The sources whose cookies the request has brought, and whose sessions it has ended. */
  get ended(): EndpointMigrationSource[] {
    const { endpoint, request } = this;
    if (!this.hasEnded) return [];
    const isBrought = ({ keep, cookie }: EndpointMigrationSource) =>
      keep && cookie.values(cookiesOf(request)).length > 0;
    return endpoint.migrationSources.filter(isBrought);
  }
}
